"""The OpenAPI documents of both sides say the same, but for what is listed here with its reason."""

from typing import Any

import pytest

from tests.examples.ported.forms import load
from tests.examples.topics.asks import ASKS
from tests.examples.topics.documents import Contract

# Topic, and the place in its document: why it is otherwise here.
OTHERWISE = {
    ("answers", "get", "/offers/{name}/public", "result", "200"): "the schema follows `response_model_exclude`",
    ("answers", "get", "/offers/{name}/short", "result", "200"): "the schema follows `response_model_include`",
    ("guards", "get", "/keys", "words"): "schemes with `auto_error=False` are choices, and so is none of them",
    ("talk", "get", "/events", "result", "200"): "a stream is an array in OpenAPI 3.1, which has no word for its items",
    ("talk", "get", "/news", "result", "200"): "likewise",
    ("talk", "get", "/readings", "result", "200"): "likewise",
    ("talk", "get", "/readings/sync", "result", "200"): "likewise",
    ("talk", "get", "/letters", "result", "200"): "bytes have a media type",
}


@pytest.mark.filterwarnings("ignore:Duplicate Operation ID")  # theirs, of a function with several methods
@pytest.mark.parametrize("topic", [topic for topic in ASKS if topic != "otherwise"])  # which responds otherwise
def test_the_documents_say_the_same(topic: str) -> None:
    theirs, ours = [
        Contract(load(form, f"examples.ported.topics.{topic}").app.openapi()).places()
        for form in ("as_fastapi", "as_signette")
    ]
    different = {(topic, *place) for place in {*theirs, *ours} if not same(theirs.get(place), ours.get(place))}
    assert different == {place for place in OTHERWISE if place[0] == topic}


def same(theirs: Any, ours: Any) -> bool:
    """Whether two parts are alike. A `Response` made by hand is nothing that a document knows the content of."""
    return theirs == ours or (theirs == {"application/json": {"schema": {}}} and ours == {})

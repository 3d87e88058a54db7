"""What markers say: words of older code, and limits that routes share."""

from typing import Annotated

import pytest

from signette.declarative.signature.markers import Body, Cookie, File, Form, Header, Marker, Path, Query
from signette.types import SignetteDeprecationWarning
from tests.asgi import fetch
from tests.declarative.building import app_of


async def test_regex_is_the_older_word_for_pattern() -> None:
    with pytest.warns(SignetteDeprecationWarning, match="write `pattern=`"):
        marker = Header(regex="^a")

    async def endpoint(name: Annotated[str, marker]) -> str:
        return name

    assert (await fetch(app_of(endpoint), "GET /", headers={"name": "b"})).errors == [
        ("header", "name", "string_pattern_mismatch")
    ]


@pytest.mark.parametrize("marker", [Body, Cookie, File, Form, Header, Path, Query], ids=lambda marker: marker.__name__)
def test_a_deprecated_argument_is_reported_where_it_is_written(marker: type[Marker]) -> None:
    with pytest.warns(SignetteDeprecationWarning) as warned:
        marker(regex="^a")
    assert [warning.filename for warning in warned] == [__file__]


def test_example_is_the_older_word_for_examples() -> None:
    with pytest.warns(SignetteDeprecationWarning, match="write `examples="):
        marker = Query(example=3)
    assert marker.field_options["examples"] == [3]


@pytest.mark.parametrize("path", ["/things/{id}", "/things/{thing}", "/things/{thingid}"])
def test_a_path_parameter_that_a_parameter_nearly_names_is_a_typo(path: str) -> None:
    async def endpoint(thing_id: int) -> None: ...

    with pytest.raises(TypeError, match="rename `thing_id` to"):
        app_of(endpoint, path)

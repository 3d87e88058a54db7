"""How many values one JSON body may have."""

import json
from typing import Annotated, Any

import pytest

from signette.app import App
from signette.datastructures.upload import UploadFile
from signette.declarative.signature.markers import Body
from signette.limits import Limits
from signette.requests import Request
from tests.asgi import JSON, MULTIPART, Exchange, fetch
from tests.declarative.building import form, part


def app_with(limits: Limits, parsed: list[Any]) -> App:
    app = App(limits=limits)

    @app.post("/any")
    async def any_value(value: Annotated[Any, Body()]) -> str:
        parsed.append(value)
        return "read"

    @app.post("/beside-a-request")
    async def with_request(value: Annotated[Any, Body()], request: Request) -> str:
        parsed.append(value)
        return "read"

    @app.post("/part")
    async def with_part(value: Annotated[Any, Body()], file: UploadFile) -> str:
        parsed.append(value)
        return "read"

    return app


ROWS = {
    "numbers": ([1, 2, 3, 4], 5),
    "objects": ([{}, {"a": {}}, {"b": 1}], 6),
    "arrays": ([[], [[]], [[], []]], 7),
    "a text with commas": ({"text": ',[{"' * 100}, 2),
    "one number": (5, 1),
}


@pytest.mark.parametrize("path", ["/any", "/beside-a-request"])
@pytest.mark.parametrize("name", ROWS)
async def test_a_body_with_too_many_values_is_rejected_before_it_is_parsed(path: str, name: str) -> None:
    value, count = ROWS[name]
    parsed: list[Any] = []
    for text in (json.dumps(value), json.dumps(value, indent=1)):
        just = app_with(Limits(json_values=count), parsed)
        assert (await fetch(just, f"POST {path}", text.encode(), JSON)).body == b"read"
        too_few = app_with(Limits(json_values=count - 1), parsed)
        response = await fetch(too_few, f"POST {path}", text.encode(), JSON)
        assert (response.status, response.json["detail"]) == (413, f"JSON has more than {count - 1} values")
    assert parsed == [value, value]


async def test_a_part_of_a_form_has_no_more_values_than_a_body() -> None:
    parsed: list[Any] = []

    async def sent(app: App) -> Exchange:
        body = form(part("value", "[1, 2, 3]"), part("file", "content", "a.txt"))
        return await fetch(app, "POST /part", body, MULTIPART)

    assert (await sent(app_with(Limits(json_values=4), parsed))).body == b"read"
    assert (await sent(app_with(Limits(json_values=3), parsed))).status == 413
    assert parsed == [[1, 2, 3]]


async def test_an_application_limits_the_values_by_default() -> None:
    parsed: list[Any] = []
    text = b"[" + b"1," * 1_000_000 + b"1]"
    assert (await fetch(app_with(Limits(), parsed), "POST /any", text, JSON)).status == 413
    assert (await fetch(app_with(Limits(json_values=None), parsed), "POST /any", text, JSON)).body == b"read"
    assert len(parsed) == 1

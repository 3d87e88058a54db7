"""A body that a binder reads itself is handled as one that a function reads for it."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from signette import App, Body, Cookie, Limits, Request
from signette.declarative.binding.header_limits import few_headers
from signette.exceptions import HTTPException, LimitExceeded
from signette.responses import PlainTextResponse
from tests.asgi import DISCONNECT, body_of, exchange, scope_of

LIMITS = Limits(json_bytes=1_000, body_bytes=2_000, json_values=50)


class Item(BaseModel):
    name: str


async def item(item: Item | None = None) -> Item | None:
    return item


async def members(first: Annotated[int, Body()], second: Annotated[int, Body()] = 0) -> int:
    return first + second


async def item_by_function(session: Annotated[str, Cookie()] = "", item: Item | None = None) -> Item | None:
    return item


async def members_by_function(
    first: Annotated[int, Body()], second: Annotated[int, Body()] = 0, session: Annotated[str, Cookie()] = ""
) -> int:
    return first + second


async def with_body(request: Request, exc: Exception) -> PlainTextResponse:
    """The exception, and the body that its handler can read."""
    try:
        body: Any = await request.body()
    except Exception as error:  # noqa: BLE001 - compared
        body = type(error)
    return PlainTextResponse(f"{exc!r} {body!r}", 400)


def applications() -> list[App]:
    handlers: Any = {LimitExceeded: with_body, HTTPException: with_body}
    more = ({}, {"exception_handlers": handlers}, {"strict_content_type": False})
    apps = [App(limits=limits, **each) for each in more for limits in (LIMITS, Limits())]
    for app in apps:
        for endpoint in (item, members, item_by_function, members_by_function):
            app.post(f"/{endpoint.__name__}")(endpoint)
    return apps


JSON = [("content-type", "application/json")]
HEADERS: list[Any] = [
    JSON,
    [],
    [("content-type", "application/json; charset=utf-8")],
    [("content-type", "application/merge-patch+json")],
    [("content-type", "text/plain"), *JSON],
    [*JSON, ("content-type", "text/plain")],
    [*JSON, ("content-length", "900")],
    [*JSON, ("content-length", "1001")],
    [*JSON, ("content-length", "99999999")],
    [*JSON, ("content-length", "00000000012")],
    [*JSON, ("content-length", "-1")],
    [*JSON, ("content-length", "1"), ("content-length", "5000")],
    [*JSON, ("content-encoding", "gzip")],
]
BODIES: list[Any] = [
    body_of(b'{"name": "a"}'),
    body_of(b'{"name"', b': "a"}'),
    body_of(b'{"first": 1}'),
    body_of(b""),
    body_of(b"", b""),
    body_of(b"{"),
    body_of(b'{"name": 1}'),
    body_of(b'{"name": NaN}'),
    body_of(b'{"name": "' + b"a" * 1_000 + b'"}'),
    body_of(b'{"name": "', b"a" * 1_000 + b'"}'),
    body_of(b'{"name": "a", "more": [' + b"1," * 60 + b"1]}"),
    [{"type": "http.request"}],
    [{"type": "http.request", "body": b'{"name": "a"}'}],
    [{"type": "http.request", "body": b'{"na', "more_body": True}, DISCONNECT],
    [DISCONNECT],
]


@pytest.mark.parametrize("headers", HEADERS, ids=repr)
async def test_a_body_is_read_alike_by_the_binder_and_by_a_function(headers: Any) -> None:
    for app in applications():
        for messages in BODIES:
            for name in ("item", "members"):
                found = [
                    await exchange(app, scope_of(f"/{path}", "POST", headers=headers), *messages)
                    for path in (name, f"{name}_by_function")
                ]
                quick, general = ([each.messages, repr(each.error), each.receives] for each in found)
                assert quick == general, messages


@pytest.mark.parametrize("endpoint", [item, members])
def test_these_bodies_are_read_by_the_binder(endpoint: Any) -> None:
    app = App()
    app.post("/quick")(endpoint)
    assert few_headers(app.routes[-1].plan) == (b"content-type", b"content-length")


async def test_a_server_that_raises_while_the_body_is_read_loses_it() -> None:
    app = App(exception_handlers={OSError: with_body})
    app.post("/item")(item)
    scope, started = scope_of("/item", "POST", headers=JSON), []

    async def receive() -> Any:
        raise OSError("lost")

    async def send(message: Any) -> None:
        started.append(message)

    await app(scope, receive, send)
    assert b"RuntimeError" in started[1]["body"] or b"StreamConsumedError" in started[1]["body"]

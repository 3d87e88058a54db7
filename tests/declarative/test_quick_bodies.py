"""A body that a binder reads itself is handled as one that a function reads for it."""

from functools import cache
from itertools import product
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from signette import App, Body, Cookie, Form, Limits, Request
from signette.body import StreamConsumedError
from signette.declarative.binding.header_limits import few_headers
from signette.exceptions import HTTPException, LimitExceeded
from signette.responses import PlainTextResponse
from tests.asgi import DISCONNECT, body_of, exchange, scope_of

LIMITS = Limits(
    json_bytes=1_000, body_bytes=2_000, json_values=50, form_fields=10, form_part_bytes=500, form_text_bytes=800
)


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


async def form(name: Annotated[str, Form()], age: Annotated[int, Form()] = 0) -> list[Any]:
    return [name, age]


async def form_by_function(
    name: Annotated[str, Form()], age: Annotated[int, Form()] = 0, session: Annotated[str, Cookie()] = ""
) -> list[Any]:
    return [name, age]


async def model(item: Annotated[Item, Form()]) -> Item:
    return item


async def model_by_function(item: Annotated[Item, Form()], session: Annotated[str, Cookie()] = "") -> Item:
    return item


QUICK: dict[Any, Any] = {
    item: item_by_function,
    members: members_by_function,
    form: form_by_function,
    model: model_by_function,
}


async def with_body(request: Request, exc: Exception) -> PlainTextResponse:
    """The exception, and the body that its handler can read."""
    try:
        body: Any = await request.body()
    except Exception as error:  # noqa: BLE001 - compared
        body = type(error)
    return PlainTextResponse(f"{exc!r} {body!r}", 400)


@cache
def applications() -> list[App]:
    handlers: Any = {LimitExceeded: with_body, HTTPException: with_body}
    apps = [App(limits=LIMITS), App(limits=LIMITS, exception_handlers=handlers), App(strict_content_type=False)]
    for app in apps:
        for endpoint in (*QUICK, *QUICK.values()):
            app.post(f"/{endpoint.__name__}")(endpoint)
    return apps


JSON = [("content-type", "application/json")]
FORM = [("content-type", "application/x-www-form-urlencoded")]
# What follows the Content-Type.
OTHERS: list[Any] = [
    [],
    [("content-type", "text/plain")],
    [("content-length", "900")],
    [("content-length", "1001")],
    [("content-length", "99999999")],
    [("content-length", "00000000012")],
    [("content-length", "-1")],
    [("content-length", "1"), ("content-length", "5000")],
    [("content-encoding", "gzip")],
]
TYPES: list[Any] = [
    [],
    [("content-type", "application/json; charset=utf-8")],
    [("content-type", "application/merge-patch+json")],
    [("content-type", "application/x-www-form-urlencoded; charset=utf-8")],
    [("content-type", "text/plain"), *JSON],
    [("content-type", "multipart/form-data; boundary=cut")],
]
ANY_BODIES: list[Any] = [
    body_of(b""),
    body_of(b"", b""),
    [{"type": "http.request"}],
    [{"type": "http.request", "body": b'{"na', "more_body": True}, DISCONNECT],
    [DISCONNECT],
]
JSON_BODIES: list[Any] = [
    body_of(b'{"name": "a"}'),
    body_of(b'{"name"', b': "a"}'),
    body_of(b'{"first": 1}'),
    body_of(b"{"),
    body_of(b'{"name": 1}'),
    body_of(b'{"name": NaN}'),
    body_of(b'{"name": "' + b"a" * 1_000 + b'"}'),
    body_of(b'{"name": "', b"a" * 1_000 + b'"}'),
    body_of(b'{"name": "a", "more": [' + b"1," * 60 + b"1]}"),
    [{"type": "http.request", "body": b'{"name": "a"}'}],
]
FORM_BODIES: list[Any] = [
    body_of(b"name=a&age=7"),
    body_of(b"name=a+%26%C3%A9", b"&age=x"),
    body_of(b"name=&age=&name=b"),
    body_of(b"&".join([b"name=a"] * 15)),
    body_of(b"name=" + b"a" * 600),
    body_of(b"name=" + b"a" * 900),
]
CASES: list[Any] = [
    ([item, members], [JSON + more for more in OTHERS], JSON_BODIES + ANY_BODIES),
    ([form, model], [FORM + more for more in OTHERS], FORM_BODIES + ANY_BODIES),
    ([*QUICK], TYPES, [JSON_BODIES[0], FORM_BODIES[0], *ANY_BODIES]),
]


@pytest.mark.parametrize(("endpoints", "headers", "bodies"), CASES, ids=["JSON", "form", "types"])
async def test_a_body_is_read_alike_by_the_binder_and_by_a_function(endpoints: Any, headers: Any, bodies: Any) -> None:
    for app, endpoint, fields, messages in product(applications(), endpoints, headers, bodies):
        found = [
            await exchange(app, scope_of(f"/{each.__name__}", "POST", headers=fields), *messages)
            for each in (endpoint, QUICK[endpoint])
        ]
        quick, general = ([each.messages, repr(each.error), each.receives] for each in found)
        assert quick == general, (endpoint, fields, messages)


@pytest.mark.parametrize("endpoint", QUICK)
def test_these_bodies_are_read_by_the_binder(endpoint: Any) -> None:
    app = App()
    app.post("/quick")(endpoint)
    assert few_headers(app.routes[-1].plan) == (b"content-type", b"content-length")


@pytest.mark.parametrize(("endpoint", "headers"), [(item, JSON), (form, FORM)])
async def test_a_body_is_lost_if_the_server_raises_while_it_is_read(endpoint: Any, headers: Any) -> None:
    app = App(exception_handlers={OSError: with_body})
    app.post("/")(endpoint)
    scope, sent = scope_of("/", "POST", headers=headers), []

    async def receive() -> Any:
        raise OSError("lost")

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent[1]["body"] == repr(OSError("lost")).encode() + b" " + repr(StreamConsumedError).encode()

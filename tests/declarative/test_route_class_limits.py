"""Limits of a body that the handler of a route leaves to its endpoint: they hold while the body arrives."""

from typing import Annotated, Any

import pytest

from signette import App, Body, HTTPException, Limits, Request, Response
from signette.exceptions import LimitExceeded
from signette.routing import APIRoute
from signette.types import Message
from tests.declarative.test_route_class import Plain

KIB = b" " * 1024


class Anew(APIRoute):
    """Its handler passes on another `Request`."""

    def get_route_handler(self) -> Any:
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            return await original(Request(request.scope, request.receive))

        return handler


class Catching(APIRoute):
    """Its handler reads the body after the limit was exceeded."""

    def get_route_handler(self) -> Any:
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                response = await original(request)
            except LimitExceeded:
                raise HTTPException(413, str(len(await request.body()))) from None
            assert len(await request.body()) > 0
            return response

        return handler


async def read_json(body: Annotated[Any, Body()]) -> str:
    return "read"


async def read_bytes(body: Annotated[bytes, Body()]) -> int:
    return len(body)


async def post(app: App, chunks: int, media_type: bytes) -> tuple[int, bytes, int]:
    """The status and body of the response, and how many messages were received."""
    received = 0
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal received
        received += 1
        if received > chunks:
            return {"type": "http.disconnect"}
        return {
            "type": "http.request",
            "body": KIB[:-1] + b"1" if received == chunks else KIB,
            "more_body": received < chunks,
        }

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "raw_path": b"/", "query_string": b"",
             "headers": [(b"content-type", media_type)]}  # fmt: skip
    await app(scope, receive, send)
    return sent[0]["status"], sent[1]["body"], received


@pytest.mark.parametrize("cls", [APIRoute, Plain, Anew])
@pytest.mark.parametrize(
    ("endpoint", "media_type", "option"),
    [(read_json, b"application/json", {}), (read_json, b"application/json", {"max_body_size": 4096}),
     (read_bytes, b"application/octet-stream", {"max_body_size": 4096})],
)  # fmt: skip
async def test_no_more_is_received_than_the_limit(cls: Any, endpoint: Any, media_type: bytes, option: Any) -> None:
    app = App(route_class=cls, limits=Limits(body_bytes=64 * 1024, json_bytes=4096))
    app.post("/", **option)(endpoint)
    status, _, received = await post(app, 60, media_type)
    assert (status, received) == (413, 5)
    assert (await post(app, 1, media_type))[0] == 200


async def test_the_handler_reads_the_whole_body_after_the_endpoint() -> None:
    app = App(route_class=Catching, limits=Limits(body_bytes=64 * 1024, json_bytes=4096))
    app.post("/")(read_json)
    status, body, received = await post(app, 9, b"application/json")
    assert (status, received) == (413, 9)
    assert b'"detail":"9216"' in body
    assert (await post(app, 1, b"application/json"))[0] == 200
    assert (await post(app, 4, b"application/json"))[0] == 200

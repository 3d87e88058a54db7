"""`Request` and `Response` in a plain ASGI application; both versions of the tour mount these."""

from signette.requests import Request
from signette.responses import Response
from signette.types import Receive, Scope, Send


async def method_and_path(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    request = Request(scope)  # without `receive`: the body is not needed
    response = Response(f"{request.method} {request.url.path}", media_type="text/plain")
    await response(scope, receive, send)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    request = Request(scope, receive)
    body = b""
    async for chunk in request.stream():
        body += chunk
    response = Response(body, media_type="text/plain")
    await response(scope, receive, send)

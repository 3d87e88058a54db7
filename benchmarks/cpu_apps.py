"""Applications for `cpu`, next to the contenders: two that do nothing, and one of the toolkit without types."""

from typing import Any

from benchmarks.byhand import check_user, write_user
from signette.applications import Application
from signette.requests import Request
from signette.responses import JSONResponse, Response
from signette.routing import Route

BODY = b'{"message":"Hello, world"}'
HEAD = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))],
}
END = {"type": "http.response.body", "body": BODY}


async def empty(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send the same two messages to each request: what takes time is the server."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send(HEAD)
    await send(END)


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send the body of a POST back, in messages that are made for each request: what any application must do."""
    if scope["type"] == "lifespan":
        await empty(scope, receive, send)
        return
    body = (await receive())["body"] if scope["method"] == "POST" else BODY
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def hello(request: Request) -> Response:
    return JSONResponse({"message": "Hello, world"})


async def create(request: Request) -> Response:
    return Response(write_user(check_user(await request.body())), media_type="application/json")


plain = Application(routes=[Route("/hello", hello), Route("/users", create, methods=["POST"])])

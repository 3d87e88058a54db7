"""Small applications for the tests of the clients."""

import functools

from signette.types import ASGIApp, Message, Receive, Scope, Send

START: Message = {"type": "http.response.start", "status": 200, "headers": []}
DONE: Message = {"type": "http.response.body", "body": b"done"}


def body(content: bytes, more: bool) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": more}


def without_lifespan(app: ASGIApp) -> ASGIApp:
    """The application, taking no part in the lifespan."""

    @functools.wraps(app)
    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)

    return wrapped


def sends(*messages: Message, raises: BaseException | None = None) -> ASGIApp:
    @without_lifespan
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
        if raises is not None:
            raise raises

    return app

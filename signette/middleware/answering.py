"""Answers that a layer gives in place of the application."""

from signette._scope_keys import HANDLERS
from signette.exceptions import HTTPException
from signette.responses.plain import PlainTextResponse
from signette.types import ASGIApp, Receive, Scope, Send


async def answer(response: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a response; a WebSocket whose server cannot carry one is closed, which makes it a 403."""
    if scope["type"] == "websocket" and "websocket.http.response" not in (scope.get("extensions") or ()):
        await send({"type": "websocket.close", "code": 1000, "reason": ""})
    else:
        await response(scope, receive, send)


async def refuse(status: int, detail: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a status and its reason: by the handlers of the application around, else as plain text.

    Raises:
        HTTPException: there is an application around, which answers it as it answers all others.
    """
    if HANDLERS in scope:
        raise HTTPException(status, detail)
    await answer(PlainTextResponse(detail, status), scope, receive, send)

"""Responses of a middleware that does not call its application."""

from signette._scope_keys import HANDLERS
from signette.exceptions import HTTPException
from signette.responses.plain import PlainTextResponse
from signette.types import ASGIApp, Receive, Scope, Send


async def send_response(response: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a response. A WebSocket is closed instead (403) if the server cannot send a response for it."""
    if scope["type"] == "websocket" and "websocket.http.response" not in (scope.get("extensions") or ()):
        await send({"type": "websocket.close", "code": 1000, "reason": ""})
    else:
        await response(scope, receive, send)


async def send_error(status: int, detail: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Send an error response, by the handlers of the surrounding application or else as plain text.

    Raises:
        HTTPException: there is a surrounding application, whose handlers respond to it.
    """
    if HANDLERS in scope:
        raise HTTPException(status, detail)
    await send_response(PlainTextResponse(detail, status), scope, receive, send)

"""The handlers of an `App` for errors of requests, to call from a handler that you register."""

from signette.declarative.problems.format import ProblemFormat
from signette.exceptions import HTTPException, RequestValidationError
from signette.requests import Request
from signette.responses.plain import Response
from signette.websockets import WebSocket

__all__ = [
    "http_exception_handler",
    "request_validation_exception_handler",
    "websocket_request_validation_exception_handler",
]

# RFC 6455 §5.5: a control frame has at most 125 bytes, of which the code takes two.
_REASON_BYTES = 123


async def http_exception_handler(request: Request, exc: HTTPException) -> Response:
    """The response that the application sends to an `HTTPException` without a handler, in its error format."""
    return _format_of(request).respond(exc)


async def request_validation_exception_handler(request: Request, exc: RequestValidationError) -> Response:
    """The response that the application sends to a validation error without a handler, in its error format."""
    return _format_of(request).respond(exc)


async def websocket_request_validation_exception_handler(websocket: WebSocket, exc: RequestValidationError) -> None:
    """Close the WebSocket with 1008 (policy violation, RFC 6455 §7.4.1). The reason names the invalid values."""
    names = ", ".join(entry.get("name") or entry.get("pointer") or entry["in"] for entry in exc.errors())
    reason = f"request validation failed: {names}".encode()[:_REASON_BYTES].decode(errors="ignore")
    await websocket.close(code=1008, reason=reason)


def _format_of(request: Request) -> ProblemFormat:
    """The error format of the route, or that of the application."""
    route, app = request.scope.get("route"), request.scope.get("app")
    own: ProblemFormat | None = getattr(route, "options", {}).get("errors") or getattr(app, "errors", None)
    return own or ProblemFormat()

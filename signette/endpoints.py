"""Class-based endpoints: a method for each HTTP method, or for each event of a WebSocket.

A class is an ASGI application: `await Endpoint(scope, receive, send)` creates an instance for each connection, so that
attributes of `self` belong to one connection.
"""

from collections.abc import Generator
from contextlib import suppress
from typing import Any, ClassVar

from anyio import get_cancelled_exc_class, move_on_after

from signette._http.json import loads_request
from signette._scope_keys import REQUEST
from signette.concurrency import call_in_worker, is_async_callable
from signette.exceptions import HTTPException, WebSocketException
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.types import Message, Receive, Scope, Send
from signette.websockets import WebSocket, WebSocketDataError, WebSocketDisconnect, WebSocketState

# Only these HTTP methods call methods of the class: `dispatch` is a method too, which clients must not call.
_VERBS = {verb: verb.lower() for verb in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY")}

# The timeout of `on_disconnect` after a cancellation, so that a server can shut down.
CLOSING_SECONDS = 10

_GOING_AWAY = 1001  # RFC 6455 §7.4.1, as the ones below
_NOT_ACCEPTABLE = 1003
_BAD_PAYLOAD = 1007
_CRASHED = 1011


class HTTPEndpoint:
    """Calls the method named like the HTTP method: `get`, `post`, `put`, `patch`, `delete`, `head`, `options`, `query`.

    A method takes the request and returns a response. One that is not `async` runs in a worker thread. Without `head`,
    HEAD calls `get`. Without `options`, the response to OPTIONS lists the supported methods.
    """

    reads_path_as_sent = True

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            # Starlette raises AssertionError too.
            raise AssertionError(f"{type(self).__name__} does not support scopes of type {scope['type']!r}")
        self.scope = scope
        self.receive = receive
        self.send = send

    def __await__(self) -> Generator[Any, None, None]:
        return self.dispatch().__await__()

    async def dispatch(self) -> None:
        """Handle the request, and close the files of its form."""
        request: Request[Any] = Request(self.scope, self.receive, self.send)
        handler = self._handler_of(request.method)
        try:
            if handler is None:
                response = await self._respond_without_handler(request)
            elif is_async_callable(handler):
                response = await handler(request)
            else:
                response = await call_in_worker(self.scope, handler, request)
            await response(self.scope, self.receive, self.send)
        except Exception:
            self.scope[REQUEST] = request
            raise
        finally:
            if request._form is not None:
                await request.close()

    async def method_not_allowed(self, request: Request[Any]) -> Response:  # noqa: ARG002 - for subclasses
        """The response to an unsupported HTTP method. A hook for subclasses.

        Raises:
            HTTPException: 405 with `Allow`, inside an application, so that its exception handlers are used.
        """
        headers = {"allow": ", ".join(self._allowed_methods)}
        if "app" in self.scope:
            raise HTTPException(405, headers=headers)
        return PlainTextResponse("Method Not Allowed", status_code=405, headers=headers)

    @property
    def _allowed_methods(self) -> list[str]:
        """The HTTP methods that this class supports (RFC 9110 §10.2.1)."""
        return [verb for verb in _VERBS if self._handler_of(verb) is not None]

    def _handler_of(self, verb: str) -> Any:
        handler = getattr(self, _VERBS[verb], None) if verb in _VERBS else None
        if callable(handler):  # `options` or `query` may be another attribute of a subclass
            return handler
        return self._handler_of("GET") if verb == "HEAD" else None

    async def _respond_without_handler(self, request: Request[Any]) -> Response:
        if request.method == "OPTIONS":  # RFC 9110 §9.3.7
            return Response(status_code=204, headers={"allow": ", ".join([*self._allowed_methods, "OPTIONS"])})
        return await self.method_not_allowed(request)


class MessageError(WebSocketDataError, RuntimeError):
    """A message does not match the endpoint's `encoding`. A `RuntimeError` too, which Starlette raises."""


class WebSocketEndpoint:
    """Handles a WebSocket with three methods: `on_connect`, `on_receive` for each message, `on_disconnect`.

    `encoding` is the type of `data` in `on_receive`: "text", "bytes" or "json" (of text or binary messages). None
    accepts text and bytes. A message of another type closes the connection with 1003, invalid JSON with 1007.
    """

    reads_path_as_sent = True
    encoding: ClassVar[str | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.encoding not in {None, "text", "bytes", "json"}:
            raise AssertionError(f"Unsupported 'encoding' attribute {cls.encoding}")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            raise AssertionError(f"{type(self).__name__} does not support scopes of type {scope['type']!r}")
        self.scope = scope
        self.receive = receive
        self.send = send

    def __await__(self) -> Generator[Any, None, None]:
        return self.dispatch().__await__()

    async def dispatch(self) -> None:
        """Handle the connection from its handshake to its end. Always calls `on_disconnect` after `on_connect`."""
        websocket: WebSocket[Any] = WebSocket(self.scope, self.receive, self.send)
        await self.on_connect(websocket)
        try:
            close_code = await self._receive_messages(websocket)
        except WebSocketDisconnect as exc:  # sending a message has failed
            close_code = exc.code
        except WebSocketException as exc:
            await self._close(websocket, exc)
            raise
        except Exception:
            await self.on_disconnect(websocket, _CRASHED)
            raise
        except get_cancelled_exc_class():
            with move_on_after(CLOSING_SECONDS, shield=True):
                await self.on_disconnect(websocket, _GOING_AWAY)
            raise
        await self.on_disconnect(websocket, close_code)

    async def _receive_messages(self, websocket: WebSocket[Any]) -> int:
        """Call `on_receive` for each message. Returns the close code."""
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return int(message.get("code") or 1000)
            # Messages may still arrive after the application has closed the connection.
            if websocket.application_state is not WebSocketState.DISCONNECTED:
                await self.on_receive(websocket, await self.decode(websocket, message))

    async def _close(self, websocket: WebSocket[Any], exc: WebSocketException) -> None:
        # An application closes the WebSocket in its exception handler.
        if "app" not in self.scope and websocket.application_state is WebSocketState.CONNECTED:
            with suppress(WebSocketDisconnect):  # the client has disconnected
                await websocket.close(exc.code, exc.reason)
        await self.on_disconnect(websocket, exc.code)

    async def decode(self, websocket: WebSocket[Any], message: Message) -> Any:  # noqa: ARG002 - for subclasses
        """The `data` of `on_receive` for an ASGI message. A hook for other encodings.

        Raises:
            WebSocketException: closes the connection with its code.
        """
        text, data = message.get("text"), message.get("bytes")
        match self.encoding:
            case "text":
                if text is None:
                    raise MessageError(_NOT_ACCEPTABLE, "Expected text websocket messages, but got bytes")
                return text
            case "bytes":
                if data is None:
                    raise MessageError(_NOT_ACCEPTABLE, "Expected bytes websocket messages, but got text")
                return data
            case "json":
                try:
                    return loads_request((data or b"") if text is None else text)
                except ValueError as exc:
                    raise MessageError(_BAD_PAYLOAD, "Malformed JSON data received.") from exc
        return data if text is None else text

    async def on_connect(self, websocket: WebSocket[Any]) -> None:
        """Called for a new connection: accept or close it. A hook for subclasses."""
        await websocket.accept()

    async def on_receive(self, websocket: WebSocket[Any], data: Any) -> None:
        """Called for each message. A hook for subclasses."""

    async def on_disconnect(self, websocket: WebSocket[Any], close_code: int) -> None:
        """Called at the end, also after an error (1011) or a cancellation (1001). A hook to release resources."""

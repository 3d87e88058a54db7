"""Endpoints as classes: a method for each HTTP verb, or for each turn of a WebSocket's life.

A class is an ASGI application by being awaited: `await Endpoint(scope, receive, send)` makes an instance of its own for
each connection, so that what a method leaves in `self` is nobody else's.
"""

from collections.abc import Generator
from contextlib import suppress
from typing import Any, ClassVar

from anyio import get_cancelled_exc_class, move_on_after

from signette._http.json import loads_request
from signette.concurrency import is_async_callable
from signette.exceptions import HTTPException, WebSocketException
from signette.middleware.calling import call_in_worker
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.types import Message, Receive, Scope, Send
from signette.websockets import WebSocket, WebSocketDataError, WebSocketDisconnect, WebSocketState

# Only these become calls of methods: the client chooses the word, and `dispatch` is a method too.
_VERBS = {verb: verb.lower() for verb in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY")}

# How long `on_disconnect` may take after a cancellation: a server that shuts down must come to an end.
CLOSING_SECONDS = 10

_GOING_AWAY = 1001  # RFC 6455 §7.4.1, as the two below
_NOT_ACCEPTABLE = 1003
_BAD_PAYLOAD = 1007
_CRASHED = 1011


class HTTPEndpoint:
    """Answers each verb by the method of its name: `get`, `post`, `put`, `patch`, `delete`, `head`, `options`, `query`.

    A method takes the request and returns a response; one that is not `async` gets a thread. HEAD is answered by
    `get` where there is no `head`, OPTIONS by the verbs that there are.
    """

    reads_path_as_sent = True

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            # The class of exception that users of this API know.
            raise AssertionError(f"{type(self).__name__} answers HTTP, not a scope of type {scope['type']!r}")
        self.scope = scope
        self.receive = receive
        self.send = send

    def __await__(self) -> Generator[Any, None, None]:
        return self.dispatch().__await__()

    async def dispatch(self) -> None:
        """Answer the request, and close the files of a form that a method has read."""
        request: Request[Any] = Request(self.scope, self.receive, self.send)
        handler = self._handler_of(request.method)
        try:
            if handler is None:
                response = await self._answer_without_method(request)
            elif is_async_callable(handler):
                response = await handler(request)
            else:
                response = await call_in_worker(self.scope, handler, request)
            await response(self.scope, self.receive, self.send)
        finally:
            if request._form is not None:
                await request.close()

    async def method_not_allowed(self, request: Request[Any]) -> Response:  # noqa: ARG002 - a hook, it may look at it
        """The answer to a verb that there is no method for. A hook for subclasses.

        Raises:
            HTTPException: 405 with `Allow`, inside an application, so that its handlers may answer.
        """
        headers = {"allow": ", ".join(self._allowed_methods)}
        if "app" in self.scope:
            raise HTTPException(405, headers=headers)
        return PlainTextResponse("Method Not Allowed", status_code=405, headers=headers)

    @property
    def _allowed_methods(self) -> list[str]:
        """The verbs that are answered by methods of this class (RFC 9110 §10.2.1)."""
        return [verb for verb in _VERBS if self._handler_of(verb) is not None]

    def _handler_of(self, verb: str) -> Any:
        handler = getattr(self, _VERBS[verb], None) if verb in _VERBS else None
        if callable(handler):  # `options` or `query` may be something else that a class holds
            return handler
        return self._handler_of("GET") if verb == "HEAD" else None

    async def _answer_without_method(self, request: Request[Any]) -> Response:
        if request.method == "OPTIONS":  # RFC 9110 §9.3.7: it asks for just that
            return Response(status_code=204, headers={"allow": ", ".join([*self._allowed_methods, "OPTIONS"])})
        return await self.method_not_allowed(request)


class MessageError(WebSocketDataError, RuntimeError):
    """A message that is not what the endpoint's `encoding` asks for. A `RuntimeError` too: so it is documented."""


class WebSocketEndpoint:
    """Speaks with one WebSocket by three methods: `on_connect`, `on_receive` for each message, `on_disconnect`.

    `encoding` says what `on_receive` is given: "text", "bytes", or "json" (of either kind of message); None takes
    text and bytes as they come. A message of another kind ends the connection with 1003, bad JSON with 1007.
    """

    reads_path_as_sent = True
    encoding: ClassVar[str | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.encoding not in {None, "text", "bytes", "json"}:
            raise AssertionError(f"Unsupported 'encoding' attribute {cls.encoding}")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            raise AssertionError(f"{type(self).__name__} speaks WebSocket, not a scope of type {scope['type']!r}")
        self.scope = scope
        self.receive = receive
        self.send = send

    def __await__(self) -> Generator[Any, None, None]:
        return self.dispatch().__await__()

    async def dispatch(self) -> None:
        """Run the connection from its handshake to its end. After `on_connect` there is always an `on_disconnect`."""
        websocket: WebSocket[Any] = WebSocket(self.scope, self.receive, self.send)
        await self.on_connect(websocket)
        try:
            close_code = await self._converse(websocket)
        except WebSocketDisconnect as gone:  # a message could not be sent any more, which ends it as well
            close_code = gone.code
        except WebSocketException as refusal:
            await self._refuse(websocket, refusal)
            raise
        except Exception:
            await self.on_disconnect(websocket, _CRASHED)
            raise
        except get_cancelled_exc_class():
            with move_on_after(CLOSING_SECONDS, shield=True):
                await self.on_disconnect(websocket, _GOING_AWAY)
            raise
        await self.on_disconnect(websocket, close_code)

    async def _converse(self, websocket: WebSocket[Any]) -> int:
        """Hand over each message; gives the code that the connection was closed with."""
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return int(message.get("code") or 1000)
            # After our own close there may still come what was under way: nobody could answer it.
            if websocket.application_state is not WebSocketState.DISCONNECTED:
                await self.on_receive(websocket, await self.decode(websocket, message))

    async def _refuse(self, websocket: WebSocket[Any], refusal: WebSocketException) -> None:
        # An application closes the socket by its handler of the exception; without one there is nobody else.
        if "app" not in self.scope and websocket.application_state is WebSocketState.CONNECTED:
            with suppress(WebSocketDisconnect):  # the client has left
                await websocket.close(refusal.code, refusal.reason)
        await self.on_disconnect(websocket, refusal.code)

    async def decode(self, websocket: WebSocket[Any], message: Message) -> Any:  # noqa: ARG002 - a hook, it may look at it
        """What `on_receive` is given for a message of ASGI. A hook for other encodings.

        Raises:
            WebSocketException: the connection is to be closed with its code.
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
        """Accept the connection, or close it. A hook."""
        await websocket.accept()

    async def on_receive(self, websocket: WebSocket[Any], data: Any) -> None:
        """Answer one message. A hook."""

    async def on_disconnect(self, websocket: WebSocket[Any], close_code: int) -> None:
        """Give back what the connection held. A hook; also called after an error (1011) and a cancellation (1001)."""

"""`Socket`: a WebSocket whose messages have declared types."""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from anyio import current_time, fail_after, sleep_until

from signette.concurrency import run_alongside
from signette.declarative.signature.socket_options import SocketOptions
from signette.declarative.sockets.messages import POLICY_VIOLATION, Decode, Encode, InvalidSocketMessage
from signette.types import Message
from signette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected, WebSocketState

# ruff: noqa: PLC0105 - without suffixes, as people read them
In = TypeVar("In", covariant=True)
Out = TypeVar("Out", contravariant=True)

_PROTOCOL_ERROR = 1002


class Socket(Generic[In, Out]):
    """A WebSocket whose messages are validated: those of the client are `In`, those to the client `Out`.

    Declare a parameter of this type in a WebSocket endpoint: `socket: Socket[Say | Leave, Line | Joined]`. Models and
    all other types are JSON in text messages, `str` is a text message as it is, `bytes` a binary message, and `None`
    means that there are no messages in this direction. `SocketOptions` has options.

    The connection is accepted at the first use, or by `accept`, and closed with 1000 when the endpoint returns. Several
    tasks may send at once; only one may receive.

    Attributes:
        websocket: The `WebSocket`, for headers, cookies, the state and the close codes of other kinds.
    """

    __slots__ = ("_decode", "_encode", "_options", "_received_at", "_sent_at", "sends_json", "websocket")

    def __class_getitem__(cls, item: Any) -> Any:
        if cls is Socket and not (isinstance(item, tuple) and len(item) == 2):
            raise TypeError(
                "`Socket[...]` takes two types: of the messages that the client sends, and of those that it gets; "
                "write `Socket[Say, Line]`, with `None` for a direction without messages"
            )
        return super().__class_getitem__(item)  # type: ignore[misc]  # of `Generic`

    def __init__(
        self,
        websocket: WebSocket,
        decode: Decode,
        encode: Encode,
        options: SocketOptions = SocketOptions(),
        *,
        sends_json: bool = True,
    ) -> None:
        self.websocket = websocket
        self.sends_json = sends_json
        self._decode = decode
        self._encode = encode
        self._options = options
        self._received_at = self._sent_at = 0.0

    async def accept(self, subprotocol: str | None = None, headers: Any = None) -> None:
        """Accept the connection, with response headers as pairs of bytes. Without a call, the first use accepts it.

        Raises:
            WebSocketDisconnect: the client has disconnected.
        """
        await self.websocket.accept(subprotocol or self._options.subprotocol, headers)

    async def receive(self) -> In:
        """The next message of the client.

        Raises:
            WebSocketDisconnect: the client has disconnected.
            InvalidSocketMessage: the message is not valid. With `on_invalid="problem"` this is not raised: the client
                gets a problem, and the next message is returned.
        """
        await self._accept_once()
        while True:
            message = await self.websocket.receive()
            if message["type"] != "websocket.receive":
                raise WebSocketDisconnect(message.get("code", 1005), message.get("reason"))
            if self._options.idle_timeout is not None:
                self._received_at = current_time()
            try:
                value: In = self._decode(message)
            except InvalidSocketMessage as invalid:
                if self._options.on_invalid == "close":
                    raise
                await self._send({"type": "websocket.send", "text": invalid.problem.decode()})
            else:
                return value

    def __aiter__(self) -> AsyncIterator[In]:
        """Iterate over the messages of the client until it disconnects."""
        return self

    async def __anext__(self) -> In:
        try:
            return await self.receive()
        except (WebSocketDisconnect, WebSocketDisconnected):
            raise StopAsyncIteration from None

    async def send(self, message: Out) -> None:
        """Send a message. Several tasks may do so at once: each message is sent whole.

        Raises:
            WebSocketDisconnect: the client has disconnected, or does not take the message in time.
            WebSocketDisconnected: the WebSocket was closed here.
            ResponseValidationError: the message is not of the declared type.
            TypeError: the same, for `str`, `bytes` and `None`.
        """
        encoded = self._encode(message)
        await self._accept_once()
        await self._send(encoded)

    async def try_send(self, message: Out) -> bool:
        """Send a message, and return whether the client was still connected: to send one message to several sockets."""
        try:
            await self.send(message)
        except (WebSocketDisconnect, WebSocketDisconnected):
            return False
        return True

    async def send_all(self, messages: AsyncIterable[Out]) -> None:
        """Send each of the messages, until there are no more, or until the client disconnects.

        Messages of the client are validated and dropped.
        """
        await self._accept_once()

        async def send_each() -> None:
            with suppress(WebSocketDisconnect, WebSocketDisconnected):
                async for message in messages:
                    await self.send(message)

        await run_alongside(send_each, self._until_disconnect)

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close the connection; before it is accepted, reject it (403). Without an effect if it is closed already."""
        if self.websocket.application_state in _OPEN and self.websocket.client_state in _OPEN:
            with suppress(WebSocketDisconnect):  # the client has left just now
                await self.websocket.close(code, reason)

    async def run(self, endpoint: Callable[[], Awaitable[Any]]) -> None:
        """Call an endpoint with the heartbeat and the timeout of the options, and close the connection at its end."""
        options = self._options
        if options.subprotocol is not None and options.subprotocol not in self.websocket.scope.get("subprotocols", ()):
            await self.close(_PROTOCOL_ERROR, f"The subprotocol must be {options.subprotocol}")
            return
        companions = []
        if options.heartbeat is not None:
            companions.append(self._send_heartbeats)
        if options.idle_timeout is not None:
            companions.append(self._close_if_idle)
        if not companions:
            await endpoint()
        else:
            self._received_at = self._sent_at = current_time()

            async def call() -> None:
                await endpoint()

            await run_alongside(call, *companions)
        await self._accept_once()
        await self.close()

    async def _accept_once(self) -> None:
        if self.websocket.application_state is WebSocketState.CONNECTING:
            await self.accept()

    async def _send(self, message: Message) -> None:
        if self.websocket.client_state is WebSocketState.DISCONNECTED:
            raise WebSocketDisconnect(1006, "The client has disconnected")
        timeout = self._options.send_timeout
        if self._options.heartbeat is not None:
            self._sent_at = current_time()
        if timeout is None:
            await self.websocket.send(message)
            return
        try:
            with fail_after(timeout):
                await self.websocket.send(message)
        except TimeoutError:
            self.websocket.application_state = WebSocketState.DISCONNECTED  # a part of the message may be sent
            raise WebSocketDisconnect(1006, "The client does not take messages") from None

    async def _send_heartbeats(self) -> None:
        interval: Any = self._options.heartbeat
        with suppress(WebSocketDisconnect, WebSocketDisconnected):
            while True:
                await sleep_until(self._sent_at + interval)
                if self._sent_at + interval > current_time():
                    continue
                self._sent_at = current_time()
                if self.websocket.application_state is not WebSocketState.CONNECTING:
                    await self._send(self._encode(self._options.heartbeat_message))

    async def _close_if_idle(self) -> None:
        timeout: Any = self._options.idle_timeout
        while (deadline := self._received_at + timeout) > current_time():  # noqa: ASYNC110 - each message moves it
            await sleep_until(deadline)
        await self.close(POLICY_VIOLATION, f"No message was received for {timeout:g} seconds")

    async def _until_disconnect(self) -> None:
        async for _ in self:
            pass

    def __repr__(self) -> str:
        return f"<Socket {self.websocket.scope.get('path', '')!r}>"


_OPEN = frozenset({WebSocketState.CONNECTING, WebSocketState.CONNECTED})

"""Typed WebSockets: `async with client.notices(token=...) as socket`.

Theory of operation. `MessageTypes` makes frames of values and values of frames; text alone is `str`, a binary frame is
`bytes`, and every other type is JSON in a text frame. A connection carries frames, over a network (`connections`) or in
process.
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from signette.client.runtime.errors import ArgumentError, ClientError
from signette.client.runtime.schemas import RequestType, ResponseType, Unwritable, reason_of
from signette.client.runtime.spec import UNSET, SocketSpec
from signette.client.runtime.transport import Pairs

SentT = TypeVar("SentT")
ReceivedT = TypeVar("ReceivedT")

Frame = str | bytes

NORMAL_CLOSES = frozenset({1000, 1001, 1005})
"""Close codes (RFC 6455 section 7.4.1) that end an iteration without an exception."""


class SocketClosed(ClientError):
    """The WebSocket is closed, with this code and reason. 1006: the connection is lost."""

    def __init__(self, code: int, reason: str = "") -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"the WebSocket is closed with {code}" + (f": {reason}" if reason else ""))


class SocketRejected(ClientError):
    """The application has responded to the handshake with this status, and not accepted the WebSocket."""

    def __init__(self, status: int, headers: Pairs, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        super().__init__(f"the WebSocket is rejected with {status}")


class MessageRejected(ClientError):
    """The application has sent a problem (RFC 9457) for a message. The WebSocket is still open."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.problem = problem
        super().__init__(str(problem.get("detail") or problem.get("title") or "the message is rejected"))


class UnexpectedMessage(ClientError, ValueError):
    """A message of the application is not of the declared type."""


# -- messages ----------------------------------------------------------------------------------------------------------


class MessageTypes(Generic[SentT, ReceivedT]):
    """The types of the messages in both directions. A direction that is not declared takes `str` and `bytes`."""

    def __init__(self, spec: SocketSpec, operation: str = "") -> None:
        self._operation = operation
        self._sends = spec.sends
        self._receives = spec.receives
        self._may_reject = spec.rejects_messages
        self._writer = None if _is_raw(spec.sends) else RequestType(spec.sends)
        self._reader = None if _is_raw(spec.receives) else ResponseType(spec.receives)
        self._check = None if _is_raw(spec.sends) else TypeAdapter(spec.sends).validate_python

    def frame_of(self, message: SentT) -> Frame:
        """The frame of a message. Raises ArgumentError for a value of another type."""
        if self._writer is not None and self._check is not None:
            try:
                # A serializer alone would also write models of other classes.
                return to_json(self._writer.json_of(self._check(message))).decode()
            except (ValidationError, Unwritable) as exc:
                raise ArgumentError(self._operation, "message", f"is not valid: {reason_of(exc)}") from None
        expected = () if self._sends is None else (str, bytes) if self._sends is UNSET else (self._sends,)
        if not isinstance(message, expected):
            names = " or ".join(f"`{each.__name__}`" for each in expected) or "no messages"
            reason = f"is not valid: the WebSocket sends {names}, not {type(message).__name__}"
            raise ArgumentError(self._operation, "message", reason)
        return cast(Frame, message)

    def message_of(self, frame: Frame) -> ReceivedT:
        """The message of a frame. Raises MessageRejected for a problem, and UnexpectedMessage."""
        if self._reader is None:
            if self._receives is not UNSET and not (self._receives and isinstance(frame, self._receives)):
                raise UnexpectedMessage(f"the application has sent {_kind_of(frame)}, which is not declared")
            return cast("ReceivedT", frame)
        if not isinstance(frame, str):
            raise UnexpectedMessage("the application has sent a binary message, and JSON is declared")
        # Before the type: a model with a `title` alone would take a problem, too.
        if self._may_reject and (problem := _problem_in(frame)) is not None:
            raise MessageRejected(problem)
        try:
            value: ReceivedT = self._reader.of_json(frame)
        except ValidationError as exc:
            raise UnexpectedMessage(f"a message of the application is not valid: {reason_of(exc)}") from exc
        return value


def _is_raw(message_type: Any) -> bool:
    return message_type is UNSET or message_type in (str, bytes, None)


def _kind_of(frame: Frame) -> str:
    return "a text message" if isinstance(frame, str) else "a binary message"


def _problem_in(frame: str) -> dict[str, Any] | None:
    """The problem that a frame holds."""
    if '"status"' not in frame or '"title"' not in frame:
        return None
    try:
        value = json.loads(frame)
    except ValueError:
        return None
    is_problem = (
        isinstance(value, dict)
        and isinstance(value.get("type"), str)
        and isinstance(value.get("title"), str)
        and isinstance(value.get("status"), int)
    )
    return value if is_problem else None


# -- sockets -----------------------------------------------------------------------------------------------------------


class Connection(Protocol):
    """Carries the frames of an open WebSocket. `send` and `receive` raise SocketClosed."""

    @property
    def subprotocol(self) -> str | None: ...
    async def send(self, frame: Frame) -> None: ...
    async def receive(self) -> Frame: ...
    async def close(self, code: int, reason: str) -> None: ...


class BlockingConnection(Protocol):
    """The same, without `async`."""

    @property
    def subprotocol(self) -> str | None: ...
    def send(self, frame: Frame) -> None: ...
    def receive(self, timeout: float | None) -> Frame: ...
    def close(self, code: int, reason: str) -> None: ...


class AsyncSocket(Generic[SentT, ReceivedT]):
    """A WebSocket with typed messages: `async with client.notices(token=...) as socket`.

    `async for message in socket` ends when the application closes the WebSocket with 1000 or 1001, and raises
    SocketClosed for any other code. The end of the block closes it with 1000. One task may receive, others may send.
    """

    def __init__(self, opening: AbstractAsyncContextManager[Connection], types: MessageTypes[SentT, ReceivedT]) -> None:
        self._opening = opening
        self._types = types
        self._connection: Connection | None = None

    async def __aenter__(self) -> Self:
        self._connection = await self._opening.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._opening.__aexit__(kind, exc, traceback)

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the application has chosen."""
        return self._open.subprotocol

    async def send(self, message: SentT) -> None:
        """Send a message.

        Raises:
            ArgumentError: the message is not of the declared type.
            SocketClosed: the WebSocket is closed.
        """
        await self._open.send(self._types.frame_of(message))

    async def receive(self) -> ReceivedT:
        """The next message.

        Raises:
            SocketClosed: the WebSocket is closed.
            MessageRejected: the application has rejected a message that you sent; the WebSocket is open.
            UnexpectedMessage: the message is not of the declared type.
        """
        return self._types.message_of(await self._open.receive())

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the WebSocket. Without an effect if it is closed already."""
        await self._open.close(code, reason)

    def __aiter__(self) -> AsyncIterator[ReceivedT]:
        return self

    async def __anext__(self) -> ReceivedT:
        try:
            return await self.receive()
        except SocketClosed as closed:
            if closed.code in NORMAL_CLOSES:
                raise StopAsyncIteration from None
            raise

    @property
    def _open(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("open the WebSocket first: `async with client.notices() as socket`")
        return self._connection


class BlockingSocket(Generic[SentT, ReceivedT]):
    """The same, for a client without `async`: `with client.notices(token=...) as socket`."""

    def __init__(
        self, opening: AbstractContextManager[BlockingConnection], types: MessageTypes[SentT, ReceivedT]
    ) -> None:
        self._opening = opening
        self._types = types
        self._connection: BlockingConnection | None = None

    def __enter__(self) -> Self:
        self._connection = self._opening.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._opening.__exit__(kind, exc, traceback)

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the application has chosen."""
        return self._open.subprotocol

    def send(self, message: SentT) -> None:
        """Send a message. Raises ArgumentError and SocketClosed."""
        self._open.send(self._types.frame_of(message))

    def receive(self, timeout: float | None = None) -> ReceivedT:
        """The next message. Raises TimeoutError after `timeout` seconds, else as `AsyncSocket.receive` does."""
        return self._types.message_of(self._open.receive(timeout))

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the WebSocket. Without an effect if it is closed already."""
        self._open.close(code, reason)

    def __iter__(self) -> Iterator[ReceivedT]:
        return self

    def __next__(self) -> ReceivedT:
        try:
            return self.receive()
        except SocketClosed as closed:
            if closed.code in NORMAL_CLOSES:
                raise StopIteration from None
            raise

    @property
    def _open(self) -> BlockingConnection:
        if self._connection is None:
            raise RuntimeError("open the WebSocket first: `with client.notices() as socket`")
        return self._connection

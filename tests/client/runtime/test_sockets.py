"""Typed WebSockets over a connection that is a script."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import BaseModel

from signette.client.runtime.errors import ArgumentError
from signette.client.runtime.sockets import (
    AsyncSocket,
    BlockingSocket,
    Frame,
    MessageRejected,
    MessageTypes,
    SocketClosed,
    UnexpectedMessage,
)
from signette.client.runtime.spec import SocketSpec

pytestmark = pytest.mark.anyio


class Look(BaseModel):
    look: int


class Offer(BaseModel):
    title: str


class Gone(BaseModel):
    gone: int


TYPED = SocketSpec(Look, Offer | Gone, rejects_messages=True)
PROBLEM = '{"type": "about:blank", "title": "Unprocessable Content", "status": 422, "detail": "`look`: required"}'


@dataclass
class Script:
    """What a connection receives, and what was sent."""

    frames: Iterator[Frame | SocketClosed]
    sent: list[Frame] = field(default_factory=list)
    closed: list[tuple[int, str]] = field(default_factory=list)
    subprotocol: str | None = "v1"
    is_open: bool = False

    def next_frame(self) -> Frame:
        frame = next(self.frames)
        if isinstance(frame, SocketClosed):
            raise frame
        return frame


class AsyncScript(Script):
    async def send(self, frame: Frame) -> None:
        self.sent.append(frame)

    async def receive(self) -> Frame:
        return self.next_frame()

    async def close(self, code: int, reason: str) -> None:
        self.closed.append((code, reason))

    @asynccontextmanager
    async def open(self) -> AsyncIterator["AsyncScript"]:
        self.is_open = True
        yield self
        self.is_open = False


class BlockingScript(Script):
    def send(self, frame: Frame) -> None:
        self.sent.append(frame)

    def receive(self, timeout: float | None) -> Frame:
        return self.next_frame()

    def close(self, code: int, reason: str) -> None:
        self.closed.append((code, reason))

    @contextmanager
    def open(self) -> Iterator["BlockingScript"]:
        self.is_open = True
        yield self
        self.is_open = False


def async_socket(script: AsyncScript, spec: SocketSpec = TYPED) -> AsyncSocket[Any, Any]:
    return AsyncSocket(script.open(), MessageTypes(spec))


def blocking_socket(script: BlockingScript, spec: SocketSpec = TYPED) -> BlockingSocket[Any, Any]:
    return BlockingSocket(script.open(), MessageTypes(spec))


async def test_messages_have_their_types_in_both_directions() -> None:
    script = AsyncScript(iter(['{"title": "x"}', '{"gone": 3}', SocketClosed(1000)]))
    async with async_socket(script) as socket:
        await socket.send(Look(look=3))
        assert await socket.receive() == Offer(title="x")
        assert [message async for message in socket] == [Gone(gone=3)]
        await socket.close(1001, "bye")
        assert socket.subprotocol == "v1"
    assert script.sent == ['{"look":3}']
    assert script.closed == [(1001, "bye")]
    assert not script.is_open


def test_messages_have_their_types_without_async() -> None:
    script = BlockingScript(iter(['{"title": "x"}', '{"gone": 3}', SocketClosed(1000)]))
    with blocking_socket(script) as socket:
        socket.send(Look(look=3))
        assert socket.receive(timeout=1) == Offer(title="x")
        assert list(socket) == [Gone(gone=3)]
        socket.close(1001, "bye")
        assert socket.subprotocol == "v1"
    assert (script.sent, script.closed, script.is_open) == (['{"look":3}'], [(1001, "bye")], False)


async def test_another_close_code_is_raised() -> None:
    async with async_socket(AsyncScript(iter([SocketClosed(1008, "too slow")]))) as socket:
        with pytest.raises(SocketClosed, match="closed with 1008: too slow") as raised:
            await anext(socket)
    assert (raised.value.code, raised.value.reason) == (1008, "too slow")
    with (
        blocking_socket(BlockingScript(iter([SocketClosed(1006)]))) as blocking,
        pytest.raises(SocketClosed, match=r"closed with 1006$"),
    ):
        next(blocking)


async def test_a_rejected_message_is_raised_and_the_socket_goes_on() -> None:
    async with async_socket(AsyncScript(iter([PROBLEM, '{"gone": 1}']))) as socket:
        with pytest.raises(MessageRejected, match="`look`: required") as raised:
            await socket.receive()
        assert raised.value.problem["status"] == 422
        assert await socket.receive() == Gone(gone=1)


def test_a_problem_is_a_message_if_the_application_sends_none() -> None:
    types: MessageTypes[Any, Any] = MessageTypes(SocketSpec(Look, Offer))
    assert types.message_of(PROBLEM) == Offer(title="Unprocessable Content")


@pytest.mark.parametrize(
    ("spec", "frame", "message"),
    [
        (TYPED, '{"title": 1}', "Offer.title: Input should be a valid string"),
        (TYPED, "x", "Invalid JSON"),
        (TYPED, b"x", "a binary message, and JSON is declared"),
        (SocketSpec(None, str), b"x", "has sent a binary message, which is not declared"),
        (SocketSpec(None, bytes), "x", "has sent a text message, which is not declared"),
        (SocketSpec(str, None), "x", "has sent a text message, which is not declared"),
    ],
)
def test_a_message_of_another_type_is_unexpected(spec: SocketSpec, frame: Frame, message: str) -> None:
    with pytest.raises(UnexpectedMessage, match=message):
        MessageTypes[Any, Any](spec).message_of(frame)


@pytest.mark.parametrize(
    ("spec", "value", "message"),
    [
        (TYPED, Gone(gone=1), "argument `message` is not valid: "),
        (SocketSpec(str, None), b"x", "sends `str`, not bytes"),
        (SocketSpec(bytes, None), "x", "sends `bytes`, not str"),
        (SocketSpec(None, str), "x", "sends no messages, not str"),
        (SocketSpec(), 1, "sends `str` or `bytes`, not int"),
    ],
)
def test_a_value_of_another_type_is_not_sent(spec: SocketSpec, value: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        MessageTypes[Any, Any](spec).frame_of(value)


@pytest.mark.parametrize("frame", ["text", b"bytes"])
def test_an_undeclared_direction_has_text_and_bytes(frame: Frame) -> None:
    types: MessageTypes[Any, Any] = MessageTypes(SocketSpec())
    assert types.message_of(types.frame_of(frame)) == frame


async def test_a_socket_is_opened_by_its_block() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await async_socket(AsyncScript(iter([]))).receive()
    with pytest.raises(RuntimeError, match="open the WebSocket first"):
        blocking_socket(BlockingScript(iter([]))).receive()

"""Reading bodies: whole, in chunks, within a limit, and without waiting."""

import math
from collections.abc import Iterable
from typing import Self

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given
from hypothesis import strategies as st

from signette.body import (
    LimitedReceive,
    PeekableReceive,
    announced_length,
    chunks_of,
    read_body,
    read_limited,
    receive_nowait,
)
from signette.exceptions import ClientDisconnect, LimitExceeded
from signette.types import Message
from tests.timeouts import SECONDS

DISCONNECT: Message = {"type": "http.disconnect"}


def body_messages(pieces: list[bytes]) -> list[Message]:
    last = len(pieces) - 1
    return [{"type": "http.request", "body": p, "more_body": i < last} for i, p in enumerate(pieces)]


class Client:
    """A `receive` that gives these messages, counts them, and fails where more is asked for."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self.messages = list(messages)
        self.received = 0

    async def __call__(self) -> Message:
        assert self.received < len(self.messages), "nothing more was to be read"
        self.received += 1
        return self.messages[self.received - 1]


async def test_a_body_of_one_message_is_not_copied() -> None:
    body = b"x" * 100
    assert await read_body(Client(body_messages([body]))) is body
    assert await read_limited(Client(body_messages([body])), [], 100) is body


async def test_a_message_without_a_body_is_an_empty_one() -> None:
    assert await read_body(Client([{"type": "http.request"}])) == b""
    assert await read_limited(Client([{"type": "http.request"}]), [], 0) == b""


@pytest.mark.parametrize("length", [0, 1, 2, 3])
async def test_a_disconnect_at_any_message_raises(length: int) -> None:
    messages = [*body_messages([b"ab"] * 4)[:length], DISCONNECT]
    with pytest.raises(ClientDisconnect):
        await read_body(Client(messages))
    with pytest.raises(ClientDisconnect):
        await read_limited(Client(messages), [], 100)
    with pytest.raises(ClientDisconnect):
        [piece async for piece in chunks_of(Client(messages))]


@given(st.lists(st.binary(max_size=5), min_size=1, max_size=5), st.integers(0, 12))
async def test_a_limited_body_is_complete_or_rejected(pieces: list[bytes], limit: int) -> None:
    whole = b"".join(pieces)
    messages = body_messages(pieces)
    assert await read_body(Client(messages)) == whole
    assert [piece async for piece in chunks_of(Client(messages))] == [piece for piece in pieces if piece]
    assert await read_limited(Client(messages), [], None) == whole
    readers = [read_limited(Client(messages), [], limit), read_body(LimitedReceive(Client(messages), limit, []))]
    for reading in readers:
        if len(whole) <= limit:
            assert await reading == whole
        else:
            with pytest.raises(LimitExceeded):
                await reading


async def test_a_body_over_the_limit_is_rejected_before_the_rest_is_read() -> None:
    for read in (
        lambda client: read_limited(client, [], 5),
        lambda client: read_body(LimitedReceive(client, 5, [])),
    ):
        client = Client(body_messages([b"abc", b"def", b"ghi", b"jkl"]))
        with pytest.raises(LimitExceeded) as caught:
            await read(client)
        assert client.received == 2
        assert (caught.value.status_code, caught.value.limit, caught.value.limit_value) == (413, "body_bytes", 5)


@pytest.mark.parametrize(
    "headers", [[(b"host", b"x"), (b"content-length", b"6")], {b"content-length": b"6"}, ((b"content-length", b"6"),)]
)
async def test_a_content_length_over_the_limit_is_rejected_before_reading(headers: object) -> None:
    client = Client([])
    with pytest.raises(LimitExceeded, match="JSON body exceeds"):
        await read_limited(client, headers, 5, "json_bytes")  # type: ignore[arg-type]  # one of the shapes each
    with pytest.raises(LimitExceeded, match="body exceeds"):
        await LimitedReceive(client, 5, headers)()  # type: ignore[arg-type]  # as above


async def test_a_body_that_exceeds_its_content_length_is_still_limited() -> None:
    headers = [(b"content-length", b"1")]
    with pytest.raises(LimitExceeded):
        await read_limited(Client(body_messages([b"abcdef"])), headers, 5)


@pytest.mark.parametrize(
    ("value", "length"),
    [
        (b"0", 0),
        (b"12", 12),
        (b"0000000000000000000000000012", 12),
        (b"", None),
        (b"-1", None),
        (b"+1", None),
        (b"1_0", None),
        (b"1, 1", None),
        (b"0x10", None),
        ("\N{ARABIC-INDIC DIGIT ONE}".encode(), None),
    ],
)
def test_only_plain_digits_announce_a_length(value: bytes, length: int | None) -> None:
    assert announced_length([(b"content-length", value)]) == length


def test_a_length_of_5000_digits_is_large_and_harmless() -> None:
    announced = announced_length([(b"content-length", b"9" * 5000)])
    assert announced is not None
    assert announced > 10**18


async def test_inner_middleware_may_change_the_limit_before_reading() -> None:
    limited = LimitedReceive(Client(body_messages([b"abcdef"])), 5, [(b"content-length", b"6")])
    limited.limit_bytes = 6
    assert await read_body(limited) == b"abcdef"
    limited = LimitedReceive(Client(body_messages([b"abcdef"])), 5, [(b"content-length", b"6")])
    limited.limit_bytes = None
    assert await read_body(limited) == b"abcdef"
    limited = LimitedReceive(Client([]), 6, [(b"content-length", b"6")])
    limited.limit_bytes = 5
    with pytest.raises(LimitExceeded):
        await limited()


async def test_a_rejected_body_stays_rejected_and_unread() -> None:
    client = Client(body_messages([b"abcdef", b"g"]))
    limited = LimitedReceive(client, 5, [])
    for _ in range(3):
        with pytest.raises(LimitExceeded):
            await limited()
    assert client.received == 1


async def test_a_limit_does_not_affect_other_messages() -> None:
    assert await LimitedReceive(Client([DISCONNECT]), 0, [])() == DISCONNECT


class Channel:
    """A `receive` over a stream, which begins with a checkpoint and waits where there is nothing."""

    def __init__(self) -> None:
        self._send, self._receive = anyio.create_memory_object_stream[Message](math.inf)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._send.close()
        self._receive.close()

    def put(self, *messages: Message) -> None:
        for message in messages:
            self._send.send_nowait(message)

    async def __call__(self) -> Message:
        return await self._receive.receive()


async def test_an_available_message_is_received_without_waiting() -> None:
    async with Channel() as channel:
        channel.put(DISCONNECT)
        assert await receive_nowait(channel) == DISCONNECT


async def test_peeking_without_a_message_loses_nothing() -> None:
    async with Channel() as channel:
        with anyio.fail_after(SECONDS):
            assert await receive_nowait(channel) is None
        channel.put(DISCONNECT)
        assert await receive_nowait(channel) == DISCONNECT


async def test_an_error_of_the_server_is_raised_unchanged() -> None:
    async def receive() -> Message:
        await checkpoint()
        raise LimitExceeded(413, "body_bytes", 1)

    with pytest.raises(LimitExceeded):
        await receive_nowait(receive)


async def test_a_message_that_was_peeked_at_is_still_received() -> None:
    for messages, has_left in [
        (body_messages([b"a", b"b"]), False),
        ([*body_messages([b"a"]), DISCONNECT], True),
        ([DISCONNECT], True),
    ]:
        async with Channel() as channel:
            channel.put(*messages)
            kept = PeekableReceive(channel)
            assert await kept.is_disconnected() is has_left
            assert await kept.is_disconnected() is has_left
            assert [await kept() for _ in messages] == messages


async def test_at_most_one_chunk_is_read_ahead() -> None:
    client = Client(body_messages([b"a", b"b", b"c"]))
    kept = PeekableReceive(client)
    for _ in range(3):
        assert await kept.is_disconnected() is False
    assert client.received == 1

"""The body of a request as it arrives: whole, in pieces, and never more of it than a bound allows."""

from collections.abc import AsyncIterator, Iterable, Mapping

import anyio
from anyio.lowlevel import checkpoint

from signette._scope_keys import RECEIVE
from signette.exceptions import ClientDisconnect, LimitExceeded
from signette.limits import DefaultLimit
from signette.types import Message, Receive, Scope

# What raises the limit of a body; that of an operation counts for JSON, too.
_HINTS = {
    "body_bytes": "`max_body_size=...`, or `App(limits=Limits(body_bytes=...))`",
    "json_bytes": "`max_body_size=...` of the operation, or `App(limits=Limits(json_bytes=...))`",
}

HeaderFields = Mapping[bytes, bytes] | Iterable[tuple[bytes, bytes]]

# More digits than any length that a server can carry. Longer ones are not worth a conversion that is
# quadratic.
_MOST_DIGITS = 18


async def read_body(receive: Receive) -> bytes:
    """All of the body; the server's own bytes object where it came in one message.

    Raises:
        ClientDisconnect: the client left before the end.
    """
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return body
    pieces = [body]
    async for piece in chunks_of(receive):
        pieces.append(piece)  # noqa: PERF401 - a comprehension would lose the first piece or copy the list
    return b"".join(pieces)


async def read_limited(
    receive: Receive, headers: HeaderFields, limit_bytes: int | None, name: str = "body_bytes"
) -> bytes:
    """All of the body, as `read_body` gives it, if it has at most `limit_bytes`.

    `headers` are the lower-case fields of the scope, as pairs or as a mapping. `name` is the bound's in
    `Limits`.

    Raises:
        LimitExceeded: 413, before the first byte is read where Content-Length tells, else when one byte too
            many arrived.
        ClientDisconnect: the client left before the end.
    """
    if limit_bytes is None:
        return await read_body(receive)
    # Before `receive`, as that is what makes a server say "100 Continue" (RFC 9110 §10.1.1).
    reject_announced(headers, limit_bytes, name)
    return await read_on(await receive(), receive, limit_bytes, name)


def reject_announced(headers: HeaderFields, limit_bytes: int, name: str) -> None:
    """Raise LimitExceeded (413) if Content-Length announces more than `limit_bytes`."""
    announced = announced_length(headers)
    if announced is not None and announced > limit_bytes:
        raise _too_large(name, limit_bytes)


async def read_on(message: Message, receive: Receive, limit_bytes: int, name: str) -> bytes:
    """All of the body, its first message already here. Raises as `read_limited` does."""
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    body: bytes = message.get("body", b"")
    size = len(body)
    if size > limit_bytes:
        raise _too_large(name, limit_bytes)
    if not message.get("more_body", False):
        return body
    pieces = [body]
    async for piece in chunks_of(receive):
        size += len(piece)
        if size > limit_bytes:
            raise _too_large(name, limit_bytes)
        pieces.append(piece)
    return b"".join(pieces)


class chunks_of(AsyncIterator[bytes]):  # noqa: N801 - reads as the function that it could be
    """The pieces of a body as they arrive, without empty ones.

    No generator: whoever stops halfway leaves nothing behind that an event loop would have to close.

    Raises:
        ClientDisconnect: the client left before the end.
    """

    __slots__ = ("_ended", "_receive")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._ended = False

    async def __anext__(self) -> bytes:
        while not self._ended:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._ended = True
                raise ClientDisconnect
            self._ended = not message.get("more_body", False)
            if body := message.get("body", b""):
                piece: bytes = body
                return piece
        raise StopAsyncIteration


def announced_length(headers: HeaderFields) -> int | None:
    """What Content-Length says; None where it is missing or no plain number, which servers refuse."""
    said = _content_length(headers)
    if said is None or not said.isdigit():
        return None
    return int(said.lstrip(b"0")[: _MOST_DIGITS + 1] or b"0")


def _content_length(headers: HeaderFields) -> bytes | None:
    # PERF: `isinstance` with an abstract class costs as much as the look-up; binders bring a plain dictionary.
    if type(headers) is dict or isinstance(headers, Mapping):
        return headers.get(b"content-length")
    # PERF: less than half of what `next()` over a generator costs.
    for name, value in headers:
        if name == b"content-length":
            return value
    return None


def _too_large(name: str, limit_bytes: int) -> LimitExceeded:
    return LimitExceeded(413, name, limit_bytes, hint=_HINTS.get(name))


class LimitedReceive:
    """A `receive` that refuses a body above `limit_bytes`, by its Content-Length, else while it arrives.

    What is further in finds this object in `scope[RECEIVE]`, and may set another limit (None: none); see
    `limit_body`. Once a body was refused, each further call refuses it again.

    Raises:
        LimitExceeded: 413, when called.
    """

    __slots__ = ("_headers", "_outer", "_receive", "_refused", "_size", "limit_bytes", "started")

    def __init__(
        self,
        receive: Receive,
        limit_bytes: int | None,
        headers: HeaderFields,
        outer: "LimitedReceive | None" = None,
    ) -> None:
        self.limit_bytes = limit_bytes
        self._receive = receive
        self._headers = headers
        self._outer = outer
        self.started = False
        self._refused = False
        self._size = 0

    async def __call__(self) -> Message:
        limit_bytes = self.limit_bytes
        if limit_bytes is None:
            return await self._receive()
        if not self.started:
            self.started = True
            announced = announced_length(self._headers)
            self._refused = announced is not None and announced > limit_bytes
        if self._refused:
            raise _too_large("body_bytes", limit_bytes)
        message = await self._receive()
        if message["type"] == "http.request":
            self._size += len(message.get("body", b""))
            if self._size > limit_bytes:
                self._refused = True
                raise _too_large("body_bytes", limit_bytes)
        return message

    def set_limit(self, limit_bytes: int | None) -> None:
        """Count up to another limit from now on, and so do those further out that this one reads from."""
        self.limit_bytes = limit_bytes
        if self._outer is not None:
            self._outer.set_limit(limit_bytes)

    async def receive_unchecked(self) -> Message:
        """The next message, though the body was refused."""
        if self._outer is None:
            return await self._receive()
        try:
            return await self._receive()
        except LimitExceeded:
            return await self._outer.receive_unchecked()


def limit_body(limit_bytes: int | None, scope: Scope, receive: Receive) -> Receive:
    """`receive` with this limit, which counts in place of one further out.

    A `DefaultLimit`, which nobody has set, never raises a limit that is in force.
    """
    outer: LimitedReceive | None = scope.get(RECEIVE)
    if outer is None:
        limited = LimitedReceive(receive, limit_bytes, scope.get("headers", ()))
    else:
        before = outer.limit_bytes
        if type(limit_bytes) is DefaultLimit and before is not None and before <= limit_bytes:
            return receive
        # What lies between may hold `receive`, so its limit is changed in place.
        outer.set_limit(limit_bytes)
        if not outer.started or limit_bytes is None:
            return receive
        # Middleware has read of the body, and may give it again: that is counted once more.
        limited = LimitedReceive(receive, limit_bytes, scope.get("headers", ()), outer)
    scope[RECEIVE] = limited
    return limited


def discard_body(scope: Scope, receive: Receive) -> Receive:
    """`receive` for who waits for the client to leave and keeps nothing of the body: no size of it is too much."""
    limited: LimitedReceive | None = scope.get(RECEIVE)
    if limited is None:
        return receive

    async def receive_unchecked() -> Message:
        try:
            return await receive()
        except LimitExceeded:
            return await limited.receive_unchecked()

    return receive_unchecked


class PeekableReceive:
    """A `receive` that first gives the messages that somebody has looked at already."""

    __slots__ = ("_kept", "_receive")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._kept: list[Message] = []

    async def __call__(self) -> Message:
        return self._kept.pop(0) if self._kept else await self._receive()

    async def client_has_left(self) -> bool:
        """Whether the next thing known of the client is that it left. Does not wait for it."""
        # More of the body to come: it is for the reader to say how much of it is kept in memory, not for us.
        while not self._kept or not self._kept[-1].get("more_body", False):
            if self._kept and self._kept[-1]["type"] == "http.disconnect":
                return True
            message = await receive_nowait(self._receive)
            if message is None:
                return False
            self._kept.append(message)
        return False


# Rounds of the event loop that a `receive` may take to hand on what is there: layers around it may pass it
# on by tasks.
_ROUNDS = 4


async def receive_nowait(receive: Receive) -> Message | None:
    """The next message if it is there already.

    A cancelled scope around `await receive()` is not enough: what begins with a checkpoint (trio's and
    anyio's streams do) would give up before it looks.
    """
    messages: list[Message] = []
    failures: list[Exception] = []

    async def look() -> None:
        try:
            messages.append(await receive())
        except Exception as exc:  # noqa: BLE001 - raised below, outside the group that would wrap it
            failures.append(exc)

    async with anyio.create_task_group() as group:
        group.start_soon(look)
        for _ in range(_ROUNDS):
            await checkpoint()
            if messages or failures:
                break
        group.cancel_scope.cancel()
    if failures:
        raise failures[0]
    return messages[0] if messages else None

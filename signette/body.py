"""Reading request bodies: whole or in chunks, within a limit."""

from collections.abc import AsyncIterator, Iterable, Mapping
from functools import lru_cache
from typing import Any

import anyio
from anyio.lowlevel import checkpoint

from signette._frameworks import loaded_class
from signette._scope_keys import ERRORS, LIMITS, LOST, RECEIVE
from signette.exceptions import ClientDisconnect, HTTPException, LimitExceeded
from signette.limits import DefaultLimit
from signette.types import Message, Receive, Scope

# The limits of an application that a route can change, too.
_HINTS = {
    name: f"`App(limits=Limits({name}=...))`, or `max_body_size=...` of the route"
    for name in ("body_bytes", "json_bytes")
}

HeaderFields = Mapping[bytes, bytes] | Iterable[tuple[bytes, bytes]]

# No body is as long as this. Converting longer numbers takes quadratic time.
_MAX_DIGITS = 18


class StreamConsumedError(RuntimeError):
    """A body is read again that was read in chunks, as a form, or by what waited for a disconnect."""

    def __init__(self, *, as_form: bool = False) -> None:
        hint = ": the body was read as a form; use `await request.form()`" if as_form else ""
        super().__init__(f"Stream consumed{hint}")

    def __reduce__(self) -> tuple[Any, ...]:
        return RuntimeError, self.args


async def read_body(receive: Receive) -> bytes:
    """The whole body. A body that came in one message is not copied.

    Raises:
        ClientDisconnect: the client disconnected before the end.
    """
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return body
    chunks = [body]
    while message.get("more_body", False):  # PERF: in this frame; `chunks_of` is one coroutine more for each chunk
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        if body := message.get("body", b""):
            chunks.append(body)
    return b"".join(chunks)


async def read_limited(
    receive: Receive, headers: HeaderFields, limit_bytes: int | None, name: str = "body_bytes"
) -> bytes:
    """The whole body, if it has at most `limit_bytes`.

    `headers` are the lower-case header fields of the scope, as pairs or as a mapping. `name` is the field of `Limits`.

    Raises:
        LimitExceeded: 413, raised before reading if Content-Length exceeds the limit, else when the body does.
        ClientDisconnect: the client disconnected before the end.
    """
    if limit_bytes is None:
        return await read_body(receive)
    # Before `receive`, which makes a server send "100 Continue" (RFC 9110 §10.1.1).
    reject_announced(headers, limit_bytes, name)
    return await read_rest(await receive(), receive, limit_bytes, name)


def reject_announced(headers: HeaderFields, limit_bytes: int, name: str) -> None:
    """Raise LimitExceeded (413) if Content-Length announces more than `limit_bytes`."""
    announced = announced_length(headers)
    if announced is not None and announced > limit_bytes:
        raise too_large(name, limit_bytes)


async def read_rest(message: Message, receive: Receive, limit_bytes: int, name: str) -> bytes:
    """The whole body, after its first message. Raises as `read_limited` does."""
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    body: bytes = message.get("body", b"")
    size = len(body)
    if size > limit_bytes:
        raise too_large(name, limit_bytes)
    if not message.get("more_body", False):
        return body
    chunks = [body]
    while message.get("more_body", False):  # PERF: as in `read_body`
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        if body := message.get("body", b""):
            size += len(body)
            if size > limit_bytes:
                raise too_large(name, limit_bytes)
            chunks.append(body)
    return b"".join(chunks)


class chunks_of(AsyncIterator[bytes]):  # noqa: N801 - is used like a function
    """Iterates over the chunks of a body as they arrive, without empty ones.

    Not a generator, which the event loop would have to close after an early `break`.

    Raises:
        ClientDisconnect: the client disconnected before the end.
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
                chunk: bytes = body
                return chunk
        raise StopAsyncIteration


def announced_length(headers: HeaderFields) -> int | None:
    """The value of Content-Length; None if it is missing or not a number, which servers reject."""
    value = _content_length(headers)
    if value is None or not value.isdigit():
        return None
    return int(value.lstrip(b"0")[: _MAX_DIGITS + 1] or b"0")


def _content_length(headers: HeaderFields) -> bytes | None:
    # PERF: `isinstance` with an abstract class costs as much as the lookup; binders pass a `dict`.
    if type(headers) is dict or isinstance(headers, Mapping):
        return headers.get(b"content-length")
    # PERF: less than half of the cost of `next()` over a generator.
    for name, value in headers:
        if name == b"content-length":
            return value
    return None


def too_large(name: str, limit_bytes: int) -> LimitExceeded:
    theirs = loaded_class("starlette.exceptions", "HTTPException")
    cls = LimitExceeded if theirs is None else _shared_class(theirs)
    return cls(413, name, limit_bytes, hint=_HINTS.get(name))


@lru_cache(maxsize=1)
def _shared_class(theirs: type[Exception]) -> type[LimitExceeded]:
    """A subclass of both exceptions, for an application of Starlette or FastAPI inside of a limit.

    It awaits `receive`, and would respond with 500 or 400 to a class that it does not know.
    """

    class SharedLimitExceeded(LimitExceeded, theirs):  # type: ignore[misc, valid-type]  # a class of another package
        def __reduce__(self) -> tuple[Any, ...]:
            return _copy_of, (self.status_code, self.limit, self.limit_value, self.detail, self.hint)

    SharedLimitExceeded.__name__ = SharedLimitExceeded.__qualname__ = LimitExceeded.__name__
    SharedLimitExceeded.__module__ = LimitExceeded.__module__
    return SharedLimitExceeded


def _copy_of(status_code: int, limit: str, limit_value: float, detail: Any, hint: str) -> LimitExceeded:
    return LimitExceeded(status_code, limit, limit_value, detail, hint=hint)


class LimitedReceive:
    """A `receive` that rejects a body above `limit_bytes`: by its Content-Length, else while it arrives.

    Inner applications find this object in `scope[RECEIVE]` and may change the limit, see `limit_body`; None removes it.
    Once a body is rejected, each further call raises again.

    Raises:
        LimitExceeded: 413, when called.
    """

    __slots__ = ("_exceeded", "_headers", "_outer", "_receive", "_size", "limit_bytes", "started")

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
        self._exceeded = False
        self._size = 0

    async def __call__(self) -> Message:
        limit_bytes = self.limit_bytes
        if limit_bytes is None:
            self.started = True
            return await self._receive()
        if not self.started:
            self.started = True
            announced = announced_length(self._headers)
            self._exceeded = announced is not None and announced > limit_bytes
        if self._exceeded:
            raise too_large("body_bytes", limit_bytes)
        message = await self._receive()
        if message["type"] == "http.request":
            self._size += len(message.get("body", b""))
            if self._size > limit_bytes:
                self._exceeded = True
                raise too_large("body_bytes", limit_bytes)
        return message

    def set_limit(self, limit_bytes: int | None) -> None:
        """Change the limit of this object, and of the outer ones that it reads from."""
        self.limit_bytes = limit_bytes
        if self._outer is not None:
            self._outer.set_limit(limit_bytes)

    async def receive_unchecked(self) -> Message:
        """The next message, even if the body exceeds the limit."""
        if self._outer is None:
            return await self._receive()
        try:
            return await self._receive()
        except HTTPException:
            return await self._outer.receive_unchecked()


def limit_body(limit_bytes: int | None, scope: Scope, receive: Receive) -> Receive:
    """`receive` with this limit, which replaces an outer limit.

    A `DefaultLimit` never raises an outer limit.
    """
    outer: LimitedReceive | None = scope.get(RECEIVE)
    if outer is None:
        limited = LimitedReceive(receive, limit_bytes, scope.get("headers", ()))
    else:
        outer_limit = outer.limit_bytes
        if type(limit_bytes) is DefaultLimit and outer_limit is not None and outer_limit <= limit_bytes:
            return receive
        # Middleware in between may hold the outer `receive`, so its limit is changed in place.
        outer.set_limit(limit_bytes)
        if not outer.started or limit_bytes is None:
            return receive
        # Middleware has read a part of the body and may replay it, which is counted again.
        limited = LimitedReceive(receive, limit_bytes, scope.get("headers", ()), outer)
    scope[RECEIVE] = limited
    scope.setdefault(LIMITS, None)
    return limited


def discard_body(scope: Scope, receive: Receive) -> Receive:
    """`receive` without limits and errors of a body, for code that waits for a disconnect and drops the body."""
    limited: LimitedReceive | None = scope.get(RECEIVE)
    if limited is None:
        return receive

    async def receive_unchecked() -> Message:
        try:
            return await receive()
        except HTTPException:
            return await limited.receive_unchecked()

    return receive_unchecked


def mark_body_lost(scope: Scope) -> None:
    """Note that the body was received and dropped, for a request that fails: an exception handler cannot read it."""
    scope[LOST] = True
    if (errors := scope.get(ERRORS)) is not None:  # for handlers outside of middleware that copies the scope
        errors.body_is_lost = True


class PeekableReceive:
    """A `receive` that keeps the messages that were peeked at, and returns them first."""

    __slots__ = ("_peeked", "_receive")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._peeked: list[Message] = []

    async def __call__(self) -> Message:
        return self._peeked.pop(0) if self._peeked else await self._receive()

    async def is_disconnected(self) -> bool:
        """Whether the client has disconnected. Does not wait."""
        # Stops if more of the body follows: only the reader decides how much of it to keep in memory.
        while not self._peeked or not self._peeked[-1].get("more_body", False):
            if self._peeked and self._peeked[-1]["type"] == "http.disconnect":
                return True
            message = await receive_nowait(self._receive)
            if message is None:
                return False
            self._peeked.append(message)
        return False


# Rounds of the event loop that `receive` may need to return a message that is available: middleware may pass messages
# on through tasks.
_ROUNDS = 4


async def receive_nowait(receive: Receive) -> Message | None:
    """The next message, or None if it is not available yet.

    A cancelled scope around `await receive()` would not do: a `receive` that begins with a checkpoint, as the streams
    of trio and anyio do, would be cancelled before it checks for a message.
    """
    messages: list[Message] = []
    failures: list[Exception] = []

    async def receive_one() -> None:
        try:
            messages.append(await receive())
        except Exception as exc:  # noqa: BLE001 - raised below, outside the group that would wrap it
            failures.append(exc)

    async with anyio.create_task_group() as group:
        group.start_soon(receive_one)
        for _ in range(_ROUNDS):
            await checkpoint()
            if messages or failures:
                break
        group.cancel_scope.cancel()
    if failures:
        raise failures[0]
    return messages[0] if messages else None

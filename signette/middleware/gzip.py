"""Answers compressed by gzip, for those clients that want it (RFC 9110 §8.4, §12.5.3).

Theory of operation. Whether an answer *may* be compressed is seen from its start message; whether it *will be* can
depend on how long it is, which a start without Content-Length does not say. Only then the start waits for the first
piece of the body. A body of one piece is compressed as a whole and has a length again; one of several is compressed
piece by piece, each flushed, so that nothing waits for what comes later. No message of the application is changed: it
may belong to a response that is sent again.
"""

import zlib
from collections.abc import Sequence
from typing import Any

from signette._http.encodings import prefers_encoding
from signette.datastructures.headers import Field
from signette.middleware.calling import call_in_worker
from signette.middleware.vary import add_vary
from signette.responses.wire import BODILESS, content_length_field
from signette.types import ASGIApp, Message, Receive, Scope, Send

# Compressed as they are, or, as an event stream, sent bit by bit over a long time.
DEFAULT_EXCLUDED_CONTENT_TYPES = (
    "application/grpc",
    "application/gzip",
    "application/x-gzip",
    "application/zip",
    "audio/*",
    "font/woff",
    "font/woff2",
    "image/avif",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/event-stream",
    "video/*",
)

_GZIP_FORMAT = 16  # added to the bits of the window
# What says that the bytes are final: another encoding, or a digest of them (RFC 9530, RFC 1864).
_FINAL = frozenset({b"content-encoding", b"content-digest", b"repr-digest", b"digest", b"content-md5"})
# Messages that are, or end, a body that nobody can compress here.
_OTHER_BODIES = frozenset({"http.response.pathsend", "http.response.zerocopysend", "http.response.trailers"})


class GZipMiddleware:
    """Compresses answers of at least `minimum_size` bytes, and streams, where the client's Accept-Encoding says so.

    Not those that are encoded already, parts (206), of a type in `exclude_content_types` (`audio/*` is all of them),
    marked `no-transform`, or sent by path. A strong ETag becomes a weak one, as the bytes are others. Pieces of
    `thread_minimum_size` bytes and more are compressed in a worker thread. `compresslevel` 9 takes some four times as
    long as 6, and makes a page smaller by less than a hundredth.

    Raises:
        ValueError: `compresslevel` is not one of 0 to 9.
    """

    def __init__(
        self,
        app: ASGIApp,
        minimum_size: int = 500,
        compresslevel: int = 6,
        thread_minimum_size: int = 128 * 1024,
        *,
        exclude_content_types: Sequence[str] = DEFAULT_EXCLUDED_CONTENT_TYPES,
    ) -> None:
        if not 0 <= compresslevel <= 9:
            raise ValueError(f"compresslevel is a number from 0 to 9, not {compresslevel!r}")
        self.app = app
        self.minimum_size = minimum_size
        self.compresslevel = compresslevel
        self.thread_minimum_size = thread_minimum_size
        patterns = [pattern.strip().lower().encode("latin-1") for pattern in exclude_content_types]
        self._excluded = frozenset(patterns)
        self._excluded_families = tuple(
            pattern.removesuffix(b"*").removeprefix(b"*/") for pattern in patterns if pattern.endswith(b"*")
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        accepted = [value for name, value in scope.get("headers", ()) if name == b"accept-encoding"]
        wants = bool(accepted) and prefers_encoding(b",".join(accepted).decode("latin-1"), "gzip")
        answer = _Answer(self, scope, send, wants=wants)
        await self.app(scope, receive, answer.send)
        await answer.release()

    def may_compress(self, start: Message) -> bool:
        """Whether an answer with this start could be compressed, if it is long enough."""
        status = start["status"]
        if status == 206 or status in BODILESS:
            return False
        for name, value in start.get("headers", ()):
            lowered = name.lower()
            if lowered in _FINAL:
                return False
            if lowered == b"content-type" and self._excludes(value):
                return False
            # RFC 9111 §5.2.2.6
            if lowered == b"cache-control" and b"no-transform" in value.lower():
                return False
        return True

    def _excludes(self, content_type: bytes) -> bool:
        media_type = content_type.partition(b";")[0].strip().lower()
        return media_type in self._excluded or media_type.startswith(self._excluded_families)


class _Answer:
    """One answer on its way out. `send` is what the application is given."""

    __slots__ = ("_compressor", "_held", "_length", "_middleware", "_scope", "_send", "_wants")

    def __init__(self, middleware: GZipMiddleware, scope: Scope, send: Send, *, wants: bool) -> None:
        self._middleware = middleware
        self._scope = scope
        self._send = send
        self._wants = wants
        self._held: Message | None = None
        self._length: int | None = None
        self._compressor: Any = None

    async def send(self, message: Message) -> None:
        """Hand a message on, compressed if it is to be."""
        kind = message["type"]
        if kind == "http.response.body":
            if self._held is not None:
                await self._begin_body(self._held, message)
            elif self._compressor is not None:
                await self._send_piece(message)
            else:
                await self._send(message)
        elif kind == "http.response.start":
            await self._begin(message)
        else:
            if kind in _OTHER_BODIES:
                await self.release()
            await self._send(message)

    async def release(self) -> None:
        """Send a start that waits, as it is."""
        if self._held is not None:
            start, self._held = self._held, None
            await self._send(start)

    async def _begin(self, start: Message) -> None:
        # A start may come twice: what an application began, and what is answered after it failed.
        self._held = self._compressor = None
        middleware = self._middleware
        self._length = _declared_length(start)
        if (self._length is not None and self._length < middleware.minimum_size) or not middleware.may_compress(start):
            await self._send(start)
        elif not self._wants:
            await self._send(_varying(start))
        else:
            self._held = start

    async def _begin_body(self, start: Message, message: Message) -> None:
        self._held = None
        body, more = message.get("body", b""), message.get("more_body", False)
        if more:
            self._compressor = self._new_compressor(zlib.MAX_WBITS)
            await self._send(_encoded(start, None))
            await self._send_piece(message)
        elif not body and self._length:
            # To HEAD, what a GET would be answered without its body: the fields are to be the same (RFC 9110 §9.3.2).
            await self._send(_encoded(start, None))
            await self._send(message)
        elif len(body) < self._middleware.minimum_size:
            await self._send(start)
            await self._send(message)
        else:
            # PERF: a window no larger than the body; to clear the full one takes longer than to compress a short body.
            self._compressor = self._new_compressor(min(max(len(body).bit_length(), 9), zlib.MAX_WBITS))
            encoded = await self._compressed(body, zlib.Z_FINISH)
            self._compressor = None
            await self._send(_encoded(start, len(encoded)))
            await self._send({**message, "body": encoded})

    async def _send_piece(self, message: Message) -> None:
        more = message.get("more_body", False)
        encoded = await self._compressed(message.get("body", b""), zlib.Z_SYNC_FLUSH if more else zlib.Z_FINISH)
        if not more:
            self._compressor = None
        await self._send({**message, "body": encoded})

    def _new_compressor(self, window_bits: int) -> Any:
        return zlib.compressobj(self._middleware.compresslevel, zlib.DEFLATED, _GZIP_FORMAT + window_bits)

    async def _compressed(self, data: bytes, flush: int) -> bytes:
        if len(data) >= self._middleware.thread_minimum_size:
            encoded: bytes = await call_in_worker(self._scope, _compress, self._compressor, data, flush)
            return encoded
        return _compress(self._compressor, data, flush)


def _compress(compressor: Any, data: bytes, flush: int) -> bytes:
    first: bytes = compressor.compress(data)
    rest: bytes = compressor.flush(flush)
    return first + rest


def _declared_length(start: Message) -> int | None:
    for name, value in start.get("headers", ()):
        if name.lower() == b"content-length":
            return int(value) if value.isdigit() else None
    return None


def _varying(start: Message) -> Message:
    fields = [*start.get("headers", ())]
    add_vary(fields, b"Accept-Encoding")
    return {**start, "headers": fields}


def _encoded(start: Message, length: int | None) -> Message:
    """The start of the same answer, encoded; a `length` of None is not known yet."""
    fields: list[Field] = []
    for name, value in start.get("headers", ()):
        lowered = name.lower()
        if lowered == b"etag" and value.startswith(b'"'):
            fields.append((name, b"W/" + value))
        # Ranges would be those of other bytes.
        elif lowered not in {b"content-length", b"accept-ranges"}:
            fields.append((name, value))
    fields.append((b"content-encoding", b"gzip"))
    if length is not None:
        fields.append(content_length_field(length))
    add_vary(fields, b"Accept-Encoding")
    return {**start, "headers": fields}

"""Compression of responses for clients that accept it (RFC 9110 §8.4, §12.5.3).

Theory of operation. Whether a response *may* be compressed is seen from its start message; whether it *will be* can
depend on how long it is, which a start without Content-Length does not say. Only then the start waits for the first
piece of the body. A body of one piece is compressed as a whole and has a length again; one of several is compressed
piece by piece, each flushed, so that nothing waits for what comes later. No message of the application is changed: it
may belong to a response that is sent again.

Compressed bytes are others, so a strong ETag becomes weak. A 304 has the ETag that its 200 would have, but not the
length and type that decide about that one: so the tag is compared in the form in which the client knows it.
"""

import functools
import os
from collections.abc import Callable, Mapping, Sequence

from anyio import CapacityLimiter

from signette._http.conditional import READS, parse_entity_tags
from signette._http.encodings import choose_encoding
from signette._per_loop import PerLoop
from signette.concurrency import run_limited
from signette.datastructures.headers import Field
from signette.middleware.compressors import LEVELS, Compressor, compressor_of, thread_size_of
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

# Of two that a client likes alike the first is taken: the one that makes most of a page smaller.
_CODINGS = ("br", "zstd", "gzip")
# Where each takes less time than gzip does at 6 (PERF: JSON of 33 KB: 290, 220, 70 us for 6.6, 5.4, 6.1 KB).
_DEFAULT_LEVELS = {"gzip": 6, "br": 4, "zstd": 3}
# What says that the bytes are final: another encoding, or a digest of them (RFC 9530, RFC 1864).
_FINAL = frozenset({b"content-encoding", b"content-digest", b"repr-digest", b"digest", b"content-md5"})
_GRPC = b"application/grpc"
# Messages that are, or end, a body that cannot be compressed here.
_OTHER_BODIES = frozenset({"http.response.pathsend", "http.response.zerocopysend", "http.response.trailers"})


class CompressionMiddleware:
    """Compresses responses of at least `minimum_size` bytes, and streams, with the coding that the client prefers.

    `codings` are those to choose from, the first among equals; without them `br`, `zstd` and `gzip`, as far as they are
    installed. `levels` are numbers by coding. Left as they are: what is encoded already, parts (206), types in
    `exclude_content_types` (`audio/*` is all of them, case and parameters do not count, `application/grpc` covers
    `application/grpc+proto`), what is marked `no-transform`, or sent by path. A strong ETag becomes a weak one, as the
    bytes are others. Pieces of `thread_minimum_size` bytes and more are compressed in a worker thread. By default that
    is what the encoding takes about 2 ms for at its level: 128 KiB for `gzip` and `br`, 512 KiB for `zstd`, less at
    high levels.

    Raises:
        TypeError: a string in place of a list.
        ValueError: an unknown coding, or a level that the coding does not have.
        ImportError: a coding that is asked for is not installed.
    """

    def __init__(
        self,
        app: ASGIApp,
        minimum_size: int = 500,
        levels: Mapping[str, int] | None = None,
        thread_minimum_size: int | None = None,
        *,
        codings: Sequence[str] | None = None,
        exclude_content_types: Sequence[str] = DEFAULT_EXCLUDED_CONTENT_TYPES,
    ) -> None:
        for name, given in ("codings", codings), ("exclude_content_types", exclude_content_types):
            if isinstance(given, str):
                raise TypeError(f"`{name}={given!r}` must be a list; write `{name}=[{given!r}]`")
        self.app = app
        self.minimum_size = minimum_size
        self.thread_minimum_size = thread_minimum_size
        self.levels = {**_DEFAULT_LEVELS, **(levels or {})}
        for coding in (*self.levels, *(codings or ())):
            _check_level(coding, self.levels.get(coding))
        self.codings = _installed(codings)
        self.thread_sizes = {
            coding: thread_size_of(coding, level) if thread_minimum_size is None else thread_minimum_size
            for coding, level in self.levels.items()
        }
        # Not the application's: who sends from one of those threads (WSGI) would wait here for itself.
        self.limiters = PerLoop(functools.partial(CapacityLimiter, os.cpu_count() or 1))
        patterns = [pattern.partition(";")[0].strip().lower().encode("latin-1") for pattern in exclude_content_types]
        self._excluded = frozenset(patterns)
        families = [pattern.removesuffix(b"*").removeprefix(b"*/") for pattern in patterns if pattern.endswith(b"*")]
        # gRPC names the encoding of its messages there: `application/grpc+proto`.
        self._excluded_families = (*families, *([_GRPC + b"+"] if _GRPC in self._excluded else []))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] not in READS:
            scope = _with_strong_tags(scope)
        accepted = [value for name, value in scope.get("headers", ()) if name == b"accept-encoding"]
        coding = choose_encoding(b",".join(accepted).decode("latin-1"), self.codings) if accepted else None
        response = _CompressedResponse(self, scope, send, coding)
        await self.app(scope, receive, response.send)
        await response.release()

    def new_compressor(self, coding: str, size: int | None) -> Compressor:
        """A compressor for a body of that many bytes; None is not known."""
        make = compressor_of(coding)
        assert make is not None
        return make(self.levels[coding], size)

    def may_compress(self, start: Message) -> bool:
        """Whether a response with this start, of a 304 or 206 its 200, could be compressed, if it is long enough."""
        status = start["status"]
        if status in BODILESS and status != 304:
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


class _CompressedResponse:
    """One response. `send` is passed to the application."""

    __slots__ = ("_coding", "_compressor", "_held", "_length", "_middleware", "_scope", "_send")

    def __init__(self, middleware: CompressionMiddleware, scope: Scope, send: Send, coding: str | None) -> None:
        self._middleware = middleware
        self._scope = scope
        self._send = send
        self._coding = coding
        self._held: Message | None = None
        self._length: int | None = None
        self._compressor: Compressor | None = None

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
        # A start may come twice: that of the application, and that of the error response after it failed.
        self._held = self._compressor = None
        middleware = self._middleware
        self._length = _declared_length(start)
        status = start["status"]
        is_short = self._length is not None and self._length < middleware.minimum_size and status != 206
        if is_short or not middleware.may_compress(start):
            await self._send(start)
        elif status == 304:
            await self._send(_varying(self._tagged_as_known(start)))
        elif self._coding is None or status == 206:  # RFC 9110 §15.3.7: a part has the `Vary` of the whole
            await self._send(_varying(start))
        else:
            self._held = start

    async def _begin_body(self, start: Message, message: Message) -> None:
        self._held = None
        coding = self._coding
        assert coding is not None
        body, more = message.get("body", b""), message.get("more_body", False)
        if more:
            self._compressor = self._middleware.new_compressor(coding, None)
            await self._send(_encoded(start, coding, None))
            await self._send_piece(message)
        elif not body and (self._length or (self._length is None and self._scope["method"] == "HEAD")):
            # HEAD gets the response to GET without its body: the fields are to be the same (RFC 9110 §9.3.2).
            await self._send(_encoded(start, coding, None))
            await self._send(message)
        elif len(body) < self._middleware.minimum_size:
            await self._send(start)
            await self._send(message)
        else:
            encoded = await self._compressed(self._middleware.new_compressor(coding, len(body)).last, body)
            # HTTP/1.1 sends trailers after chunks only (RFC 9112 §6.5, §7.1.2).
            length = None if start.get("trailers", False) else len(encoded)
            await self._send(_encoded(start, coding, length))
            await self._send({**message, "body": encoded})

    async def _send_piece(self, message: Message) -> None:
        compressor = self._compressor
        assert compressor is not None
        more = message.get("more_body", False)
        if not more:
            self._compressor = None
        encoded = await self._compressed(compressor.piece if more else compressor.last, message.get("body", b""))
        await self._send({**message, "body": encoded})

    async def _compressed(self, compress: Callable[[bytes], bytes], data: bytes) -> bytes:
        assert self._coding is not None
        if len(data) >= self._middleware.thread_sizes[self._coding]:
            return await run_limited(self._middleware.limiters.get(), compress, data)
        return compress(data)

    def _tagged_as_known(self, start: Message) -> Message:
        """A 304 whose strong ETag is weak, where this client got, or would get, the compressed body under it."""
        if self._coding is None:
            return start
        asked = [value for name, value in self._scope.get("headers", ()) if name == b"if-none-match"]
        known = parse_entity_tags(b",".join(asked).decode("latin-1")) or ()
        fields = []
        for name, value in start.get("headers", ()):
            weak = _weakened(value) if name.lower() == b"etag" else value
            is_plain = value.decode("latin-1") in known and weak.decode("latin-1") not in known
            fields.append((name, value if is_plain else weak))
        return {**start, "headers": fields}


def _check_level(coding: str, level: int | None) -> None:
    if coding not in LEVELS:
        raise ValueError(f"a coding is one of {', '.join(LEVELS)}, not {coding!r}")
    low, high = LEVELS[coding]
    if level is None or not low <= level <= high:
        raise ValueError(f"the level of `{coding}` is a number from {low} to {high}, not {level!r}")


def _installed(codings: Sequence[str] | None) -> tuple[str, ...]:
    """The codings to offer. Raises ImportError: one that was asked for is not installed."""
    if codings is None:
        return tuple(coding for coding in _CODINGS if compressor_of(coding) is not None)
    if missing := [coding for coding in codings if compressor_of(coding) is None]:
        raise ImportError(
            f"`{missing[0]}` needs a library that is not installed. "
            "Install it with `pip install 'signette[compression]'`."
        )
    return tuple(codings)


def _declared_length(start: Message) -> int | None:
    for name, value in start.get("headers", ()):
        if name.lower() == b"content-length":
            return int(value) if value.isdigit() else None
    return None


def _varying(start: Message) -> Message:
    fields = [*start.get("headers", ())]
    add_vary(fields, b"Accept-Encoding")
    return {**start, "headers": fields}


def _weakened(etag: bytes) -> bytes:
    return b"W/" + etag if etag.startswith(b'"') else etag


def _with_strong_tags(scope: Scope) -> Scope:
    """The scope of a change, with the strong form of the tags in `If-Match`.

    `If-Match` never matches a weak tag (RFC 9110 §13.1.1), and the client may have the weak form of a strong one: that
    of a response that was compressed here. A tag that is weak in the application does not match its strong form either.
    """
    fields = scope.get("headers", ())
    if all(name != b"if-match" for name, _ in fields):
        return scope
    return {**scope, "headers": [(name, _strong(value) if name == b"if-match" else value) for name, value in fields]}


def _strong(field: bytes) -> bytes:
    tags = parse_entity_tags(field.decode("latin-1"))
    return field if tags is None else ", ".join(tag.removeprefix("W/") for tag in tags).encode("latin-1")


def _encoded(start: Message, coding: str, length: int | None) -> Message:
    """The start of the same response, encoded; a `length` of None is left out."""
    fields: list[Field] = []
    for name, value in start.get("headers", ()):
        lowered = name.lower()
        if lowered == b"etag":
            fields.append((name, _weakened(value)))
        # Ranges would be those of other bytes.
        elif lowered not in {b"content-length", b"accept-ranges"}:
            fields.append((name, value))
    fields.append((b"content-encoding", coding.encode("ascii")))
    if length is not None:
        fields.append(content_length_field(length))
    add_vary(fields, b"Accept-Encoding")
    return {**start, "headers": fields}

"""Decompression of request bodies (RFC 9110 §8.4): all code that reads a body receives the decoded one.

Theory of operation. A body is decoded while it is received, a piece of limited size at a time, so that a few bytes that
decode to many megabytes take no memory. Each piece is counted before the next one is made. As the first bytes are
decoded when a reader asks for them, nothing is rejected for a body that is not read, and guards run before.

The application behind sees a request that was never compressed: without Content-Encoding and Content-Length. What is
further in may accept other codings than what is further out: before the body is read, the innermost list counts, as for
limits.
"""

from collections.abc import Iterable, Sequence

from anyio.lowlevel import checkpoint

from signette._http.encodings import content_codings
from signette._scope_keys import DECODED, HANDLERS, LIMITS, RECEIVE
from signette._tracking import ResponseTracker
from signette.body import HeaderFields, LimitedReceive, announced_length, too_large
from signette.exceptions import HTTPException, LimitExceeded
from signette.limits import MIB, DefaultLimit, Limits, set_by
from signette.middleware.compressors import Decompressor, InvalidEncoding, decompressor_of
from signette.middleware.handlers import HandlerTable, remains
from signette.types import ASGIApp, Message, Receive, Scope, Send

CODINGS = ("br", "zstd", "gzip", "deflate")
"""The codings that can be decoded."""

# Small bodies, which may be very regular, are not limited by their ratio.
_FREE_BYTES = MIB
# Each coding is work for the server. Clients have no reason to send more than one.
_MOST_CODINGS = 3
DEFAULT_RATIO = DefaultLimit(100)
# For applications that set no limit of bodies.
_UNLIMITED = Limits(body_bytes=None, decompression_ratio=DEFAULT_RATIO)
_REPLACED = (b"content-encoding", b"content-length")


class DecodedReceive(LimitedReceive):
    """A `receive` that decodes the body. Its limit counts the bytes before and after that.

    Raises:
        HTTPException: 415 for a coding that is not accepted, 400 for invalid or incomplete data, when called.
        LimitExceeded: 413, when called.
    """

    __slots__ = (
        "_accepted",
        "_codings",
        "_counts",
        "_decoders",
        "_failed",
        "_fields",
        "_has_ended",
        "_is_received",
        "_next",
        "_ratio",
    )

    def __init__(self, receive: Receive, limit_bytes: int | None, fields: HeaderFields, codings: Sequence[str]) -> None:
        super().__init__(receive, limit_bytes, fields)
        self._fields = fields
        self._codings = codings
        self._accepted: Sequence[str] = ()
        self._ratio: int | None = None
        self._decoders: list[Decompressor] = []
        self._counts: list[int] = []
        """The bytes that each decoder has made."""
        self._next = b""
        self._is_received = False
        self._has_ended = False
        self._failed: HTTPException | None = None

    def accept(self, codings: Sequence[str], ratio: int | None, scope: Scope) -> None:
        """Accept these codings from now on; none: pass the body on as it is."""
        if self.started:
            return
        self._accepted, self._ratio = codings, ratio
        is_decoded = bool(codings) and not self._is_unsupported()
        fields = self._fields
        # Not changed in place: the server has the list, too.
        scope["headers"] = [each for each in fields if each[0] not in _REPLACED] if is_decoded else fields

    def _is_unsupported(self) -> bool:
        return len(self._codings) > _MOST_CODINGS or not set(self._codings) <= set(self._accepted)

    async def __call__(self) -> Message:
        if self._failed is not None:
            raise self._failed.with_traceback(None)
        try:
            return await self._receive_decoded()
        except HTTPException as exc:
            self._failed = exc
            raise

    async def _receive_decoded(self) -> Message:
        if not self.started:
            self._start()
        if not self._accepted:
            return await super().__call__()
        if self._has_ended:
            return await self._receive()
        if self._next or self._is_received:
            await checkpoint()  # first: a cancelled call loses nothing
        while True:
            piece = self._next or self._piece()
            self._next = self._piece() if piece and self._is_received else b""
            if piece or self._is_received:
                self._has_ended = self._is_received and not self._next
                if self._has_ended:
                    self._check_end()
                return {"type": "http.request", "body": piece, "more_body": not self._has_ended}
            message = await self._receive()
            if message["type"] != "http.request":
                return message
            self._take(message)

    def _start(self) -> None:
        if not self._accepted:  # `started` is left to the limit
            return
        self.started = True
        announced = announced_length(self._headers)
        if announced is not None and self.limit_bytes is not None and announced > self.limit_bytes:
            raise too_large("body_bytes", self.limit_bytes)
        if self._is_unsupported():
            raise unsupported_encoding(self._accepted)
        # The coding that was applied last is decoded first (RFC 9110 §8.4).
        makers = [decompressor_of(coding) for coding in reversed(self._codings)]
        self._decoders = [make() for make in makers if make is not None]
        self._counts = [0 for _ in self._decoders]

    def _take(self, message: Message) -> None:
        """Pass a piece of the body to the decoders."""
        body: bytes = message.get("body", b"")
        self._size += len(body)
        if self.limit_bytes is not None and self._size > self.limit_bytes:
            raise too_large("body_bytes", self.limit_bytes)
        self._is_received = not message.get("more_body", False)
        if body:
            self._decoders[0].feed(body)

    def _piece(self) -> bytes:
        """The next piece of the decoded body; b"" if more of the body is needed."""
        last = at = len(self._decoders) - 1
        while True:
            try:
                piece = self._decoders[at].piece()
            except InvalidEncoding as exc:
                coding = self._codings[last - at]
                raise HTTPException(400, f"invalid request body: {exc} in the encoding `{coding}`") from None
            if piece:
                self._count(at, len(piece))
                if at == last:
                    return piece
                at += 1
                self._decoders[at].feed(piece)
            elif at == 0:
                return b""
            else:
                at -= 1

    def _count(self, at: int, size: int) -> None:
        """Count what a decoder has made, also for another one: it may make much, and that one little."""
        self._counts[at] += size
        made, ratio = self._counts[at], self._ratio
        if self.limit_bytes is not None and made > self.limit_bytes:
            raise too_large("body_bytes", self.limit_bytes)
        if ratio is not None and made > _FREE_BYTES and made > ratio * self._size:
            raise LimitExceeded(413, "decompression_ratio", ratio)

    def _check_end(self) -> None:
        """Raise HTTPException 400 for a body that ends too early. An empty one was not encoded."""
        for coding, decoder in zip(reversed(self._codings), self._decoders, strict=True):
            if self._size and not decoder.has_ended:
                raise HTTPException(400, f"invalid request body: the data in the encoding `{coding}` is incomplete")


def unsupported_encoding(accepted: Iterable[str]) -> HTTPException:
    """415 for a body in another encoding. Accept-Encoding names those to use (RFC 9110 §15.5.16, §12.5.3)."""
    names = list(accepted) or ["identity"]
    expected = " or ".join(f"`{each}`" for each in names) if accepted else "a body without one"
    return HTTPException(
        415, f"unsupported Content-Encoding; expected {expected}", {"Accept-Encoding": ", ".join(names)}
    )


def decode_body(
    scope: Scope,
    receive: Receive,
    accepted: Sequence[str],
    limits: Limits = _UNLIMITED,
    *,
    max_ratio: int | None = DEFAULT_RATIO,
) -> Receive:
    """`receive` that decodes the body, if it is encoded. These codings replace those that are accepted further out.

    `limits` count where no limits are around.
    """
    ratio = (scope.get(LIMITS) or limits).decompression_ratio if type(max_ratio) is DefaultLimit else max_ratio
    decoded: DecodedReceive | None = scope.get(DECODED)
    if decoded is not None:
        decoded.accept(accepted, ratio, scope)
        return receive
    headers = scope.get("headers", ())
    values = [value for name, value in headers if name == b"content-encoding"]
    codings = content_codings(values) if values and accepted else ()
    if not codings:
        return receive
    outer: LimitedReceive | None = scope.get(RECEIVE)
    decoded = DecodedReceive(receive, limits.body_bytes if outer is None else outer.limit_bytes, headers, codings)
    decoded._outer = outer
    decoded.accept(accepted, ratio, scope)
    scope[DECODED] = scope[RECEIVE] = decoded
    scope.setdefault(LIMITS, None)
    return decoded


class BodyDecompression:
    """Decodes the bodies that an application reads. Those around it handle the errors."""

    def __init__(self, app: ASGIApp, encodings: Sequence[str]) -> None:
        self.app = app
        self._encodings = encodings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            receive = decode_body(scope, receive, self._encodings)
        await self.app(scope, receive, send)


# The handler of the errors where no application is around.
_PLAIN_HANDLERS = HandlerTable({})


class RequestDecompressionMiddleware:
    """Decompresses request bodies with a Content-Encoding, while the application reads them.

    `encodings` are those to accept; without them `br`, `zstd`, `gzip` and `deflate`, as far as they are installed. For
    another one the response is a 415, for invalid data a 400. A limit of bodies counts the bytes before and after
    decompression. A body of more than `max_ratio` times the bytes that were sent, and more than 1 MiB, is a 413; None
    allows any ratio.

    Raises:
        TypeError: a string in place of a list, or a ratio that is not a number.
        ValueError: an unknown encoding, or a negative ratio.
        ImportError: an encoding that is asked for is not installed.
    """

    def __init__(
        self,
        app: ASGIApp,
        encodings: Sequence[str] | None = None,
        *,
        max_ratio: int | None = DEFAULT_RATIO,
    ) -> None:
        if isinstance(encodings, str):
            raise TypeError(f"`encodings={encodings!r}` must be a list; write `encodings=[{encodings!r}]`")
        if max_ratio is not None and (isinstance(max_ratio, bool) or not isinstance(max_ratio, int)):
            raise TypeError(f"`max_ratio={max_ratio!r}` must be an integer or None")
        if max_ratio is not None and max_ratio < 1:
            raise ValueError(f"`max_ratio={max_ratio!r}` must be 1 or more, or None")
        for coding in encodings or ():
            if coding not in CODINGS:
                raise ValueError(f"an encoding is one of {', '.join(CODINGS)}, not {coding!r}")
        self.app = app
        self.encodings = installed(encodings)
        self.max_ratio = set_by("`max_ratio=...` of `RequestDecompressionMiddleware`", max_ratio)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        receive = decode_body(scope, receive, self.encodings, max_ratio=self.max_ratio)
        if HANDLERS in scope or DECODED not in scope:
            await self.app(scope, receive, send)
        else:
            await self._respond_alone(scope[DECODED], scope, receive, send)

    async def _respond_alone(self, decoded: DecodedReceive, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application, and send the response to the error of a body."""
        tracker = ResponseTracker(send)
        try:
            await self.app(scope, receive, tracker.send)
        except HTTPException as exc:
            is_own = exc is decoded._failed
            if not is_own or remains(exc, await _PLAIN_HANDLERS.handle(exc, scope, receive, tracker)):
                raise


def installed(encodings: Sequence[str] | None) -> tuple[str, ...]:
    """The encodings to accept; without a list all that are installed.

    Raises ImportError: one in the list is not installed.
    """
    if encodings is None:
        return tuple(coding for coding in CODINGS if decompressor_of(coding) is not None)
    if missing := [coding for coding in encodings if decompressor_of(coding) is None]:
        raise ImportError(
            f"`{missing[0]}` needs a library that is not installed. "
            "Install it with `pip install 'signette[compression]'`."
        )
    return tuple(dict.fromkeys(encodings))

"""HTTP requests: a connection with a body, which is read when asked for, once, and kept."""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from json import JSONDecodeError as _StdlibJSONDecodeError
from types import TracebackType
from typing import Any, NoReturn

from signette._http.cookies import parse_cookies
from signette._http.json import loads_request
from signette._http.media import parse_media_type
from signette._overrides import overrides
from signette._scope_keys import LIMITS
from signette.body import PeekableReceive, read_body
from signette.connection import HTTPConnection, StateT
from signette.datastructures.multidict import FormData
from signette.exceptions import ClientDisconnect, HTTPException, LimitExceeded
from signette.forms.errors import MultiPartException
from signette.forms.limits import FileLimits, TextLimits
from signette.forms.parsers import FormParser, MultiPartParser
from signette.forms.stream import FormStream
from signette.limits import PLAIN_LIMITS, Limits
from signette.types import Message, Receive, Scope, Send

__all__ = ["BodyStream", "ClientDisconnect", "HTTPConnection", "JSONDecodeError", "Request", "cookie_parser"]

# The fields of a request that the one that is pushed would have carried too (RFC 9113 §8.4: cacheable, no
# secrets).
_PUSHED_FIELDS = (b"accept", b"accept-encoding", b"accept-language", b"cache-control", b"user-agent")

_UNREAD: Any = object()

cookie_parser = parse_cookies


class JSONDecodeError(HTTPException, _StdlibJSONDecodeError):
    """The body is no JSON. A `ValueError` for who catches it, 400 for the client where nobody does."""

    def __init__(self, cause: ValueError) -> None:
        if not isinstance(cause, _StdlibJSONDecodeError):
            # Its text may tell of our insides.
            cause = _StdlibJSONDecodeError("not acceptable as JSON", "", 0)
        _StdlibJSONDecodeError.__init__(self, cause.msg, cause.doc, cause.pos)
        self.status_code = 400
        self.detail = f"Invalid JSON: {self.args[0] if cause.doc else cause.msg}"
        self.headers = None

    def __str__(self) -> str:
        return str(self.detail)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (_StdlibJSONDecodeError(self.msg, self.doc, self.pos),)


async def empty_receive() -> NoReturn:
    """Stands for the `receive` of a request that was made without one."""
    raise RuntimeError("Receive channel has not been made available")


async def empty_send(message: Message) -> NoReturn:  # noqa: ARG001 - the shape of an ASGI `send`
    """Stands for the `send` of a request that was made without one."""
    raise RuntimeError("Send channel has not been made available")


class Request(HTTPConnection[StateT]):
    """An HTTP request. The body is read when asked for, once, and kept."""

    _types = ("http",)

    # None as long as nobody has read them.
    _body: bytes | None = None
    _form: FormData | None = None
    _json: Any = _UNREAD

    _stream_started = False
    _stream_consumed = False
    _is_disconnected = False

    def __init__(self, scope: Scope, receive: Receive = empty_receive, send: Send = empty_send) -> None:
        if scope["type"] != "http":
            raise AssertionError(f"{type(self).__name__} cannot stand for a scope of type {scope['type']!r}")
        self.scope = scope
        self._receive = receive
        self._send = send

    @property
    def method(self) -> str:
        """The method, in upper case as a rule."""
        method: str = self.scope["method"]
        return method

    @property
    def receive(self) -> Receive:
        """The ASGI channel from which the body comes."""
        return self._receive

    def stream(self) -> AsyncIterator[bytes]:
        """The pieces of the body as they arrive, not kept; the last is empty. A body read before is replayed.

        Raises (when iterated):
            ClientDisconnect: the client left before the end.
            RuntimeError: "Stream consumed", somebody has read it to the end already.
        """
        return BodyStream(self)

    async def body(self) -> bytes:
        """All of the body.

        Raises:
            ClientDisconnect: the client left before the end.
            RuntimeError: "Stream consumed", at least a part of it went to who iterated over `stream()`.
        """
        body = self._body
        if body is None:
            if self._stream_started:
                raise RuntimeError("Stream consumed")
            # PERF: `stream` of most requests is not asked for.
            if type(self) is not Request and overrides(self, Request, "stream"):
                # A subclass that decodes what arrives.
                body = b"".join([piece async for piece in self.stream()])
            else:
                self._stream_started = self._stream_consumed = True
                try:
                    body = await read_body(self._receive)
                except ClientDisconnect:
                    self._is_disconnected = True
                    raise
            self._body = body
        return body

    async def json(self) -> Any:
        """The body, parsed as JSON, whatever its media type.

        Raises:
            JSONDecodeError: it is none; a `ValueError`, and answered with 400.
            ClientDisconnect, RuntimeError: as `body()`.
        """
        if self._json is _UNREAD:
            body = await self.body()
            try:
                self._json = loads_request(body)
            except ValueError as exc:
                raise JSONDecodeError(exc) from exc
        return self._json

    def form(
        self,
        *,
        max_files: float | None = None,
        max_fields: float | None = None,
        max_part_size: int | None = None,
        max_file_size: FileLimits = None,
    ) -> "FormReading":
        """The form, urlencoded or multipart; empty where the body is no form.

        `await request.form()` gives it, `async with request.form() as form` closes its files too. The
        bounds default to the application's `Limits`, else to 1,000 files, 1,000 fields and 1 MiB for a
        field. `max_file_size` bounds each file, or those of the fields that it names, in bytes.

        Raises (when awaited):
            HTTPException: malformed, cut off, or over a bound; 400, in an `App` 413 for what is too large.
            MultiPartException: the same outside of an application.
            RuntimeError: "Stream consumed", the body was read in part.
        """
        return FormReading(self, lambda: self._read_form(max_files, max_fields, max_part_size, max_file_size))

    async def _read_form(
        self,
        max_files: float | None,
        max_fields: float | None,
        max_part_size: int | None,
        max_file_size: FileLimits,
    ) -> FormData:
        form = self._form
        if form is not None:
            return form
        headers = self.headers
        bounds = self._bounds(max_fields, max_part_size)
        parser: FormParser | MultiPartParser
        match parse_media_type(headers.get("content-type", ""))[0]:
            case "multipart/form-data":
                files = self._limits.form_files if max_files is None else max_files
                parser = MultiPartParser(headers, self.stream(), max_files=files, max_file_size=max_file_size, **bounds)
            case "application/x-www-form-urlencoded":
                parser = FormParser(headers, self.stream(), **bounds)
            case _:
                form = self._form = FormData()
                return form
        if self._stream_started and self._body is None:
            raise RuntimeError("Stream consumed")  # the middle of a form is none
        try:
            form = self._form = await parser.parse()
        except MultiPartException as exc:
            raise self._refusal(exc)  # noqa: B904 - outside of an application it is `exc` itself
        return form

    def parts(
        self,
        *,
        max_files: float | None = None,
        max_fields: float | None = None,
        max_part_size: int | None = None,
        max_file_size: FileLimits = None,
    ) -> FormStream:
        """The parts of a multipart form as they arrive: `async for part in request.parts()`. Nothing is kept.

        A part has `name`, `filename`, `headers` and `content_type`, and is itself iterated over for the pieces of its
        content, or asked for `await part.read()` or `await part.text()`. What nobody read of it is skipped when the
        next is asked for. The bounds are those of `form()`, held while the parts arrive.

        Raises:
            HTTPException: 415, the body is no multipart form; while iterating what `form()` raises.
            RuntimeError: "Stream consumed", while iterating, or where the body was read in part.
            ClientDisconnect: while iterating, the client left before the end.
        """
        headers = self.headers
        if parse_media_type(headers.get("content-type", ""))[0] != "multipart/form-data":
            raise HTTPException(415, "The body has to be multipart/form-data.")
        if self._stream_started and self._body is None:
            raise RuntimeError("Stream consumed")
        files = self._limits.form_files if max_files is None else max_files
        bounds = self._bounds(max_fields, max_part_size)
        try:
            return FormStream(
                headers, self.stream(), self._refusal, max_files=files, max_file_size=max_file_size, **bounds
            )
        except MultiPartException as exc:
            raise self._refusal(exc)  # noqa: B904 - outside of an application it is `exc` itself

    @property
    def _limits(self) -> Limits:
        limits: Limits = self.scope.get(LIMITS) or PLAIN_LIMITS
        return limits

    def _bounds(self, max_fields: float | None, max_part_size: int | None) -> TextLimits:
        limits = self._limits
        return {
            "max_fields": limits.form_fields if max_fields is None else max_fields,
            "max_part_size": limits.form_part_bytes if max_part_size is None else max_part_size,
            "max_text_size": limits.form_text_bytes,
        }

    def _refusal(self, exc: MultiPartException) -> Exception:
        """What is raised for a form that is refused: it depends on who is to answer it."""
        if LIMITS in self.scope:
            return exc.as_http_exception()
        if "app" in self.scope:
            # Code for Starlette expects its status and its text for the limits that Starlette has, too.
            if exc.limit is None:
                return exc.as_http_exception()
            return LimitExceeded(400, exc.limit, exc.limit_value, exc.message, hint=exc.hint)
        return exc

    async def close(self) -> None:
        """Close the files of the form, if there are any. May be called again."""
        if self._form is not None:
            await self._form.close()

    async def is_disconnected(self) -> bool:
        """Whether the client is known to have left. Does not wait, and takes nothing from the body."""
        if not self._is_disconnected:
            receive = self._receive
            if not isinstance(receive, PeekableReceive):
                receive = self._receive = PeekableReceive(receive)
            self._is_disconnected = await receive.client_has_left()
        return self._is_disconnected

    async def send_push_promise(self, path: str) -> None:
        """Offer the client the answer for `path` before it asks (HTTP/2), where the server can."""
        if "http.response.push" in self.scope.get("extensions", ()):
            fields = [
                (name, value)
                for wanted in _PUSHED_FIELDS
                for name, value in self.scope.get("headers", ())
                if name == wanted
            ]
            await self._send({"type": "http.response.push", "path": path, "headers": fields})

    async def send_early_hints(self, link: str, /, *additional_links: str) -> None:
        """Send a 103 with values of `Link` (RFC 8297), where the server can.

        Raises:
            ValueError: a link has characters that a header field cannot have.
        """
        if "http.response.early_hint" in self.scope.get("extensions", ()):
            links = [_encode_link(each) for each in (link, *additional_links)]
            await self._send({"type": "http.response.early_hint", "links": links})


def _encode_link(link: str) -> bytes:
    if any(char in link for char in "\r\n\0"):
        raise ValueError("A link contains CR, LF or NUL, which would split the response")
    return link.encode("latin-1")


# Where a `BodyStream` stands: nothing given yet, pieces to come, the empty piece to come, all given.
_FRESH, _OPEN, _LAST, _ENDED = range(4)


class BodyStream(AsyncIterator[bytes]):
    """What `Request.stream()` gives. No generator: who stops halfway leaves nothing behind to be closed."""

    __slots__ = ("_place", "_request")

    def __init__(self, request: Request[Any]) -> None:
        self._request = request
        self._place = _FRESH

    async def __anext__(self) -> bytes:
        request = self._request
        if self._place == _FRESH:
            if request._body is not None:
                self._place = _LAST
                if request._body:
                    return request._body
            elif request._stream_consumed:
                raise RuntimeError("Stream consumed")
            else:
                request._stream_started = True
                self._place = _OPEN
        if self._place == _OPEN:
            if piece := await self._next_piece():
                return piece
            self._place = _LAST
        if self._place == _LAST:
            self._place = _ENDED
            return b""
        raise StopAsyncIteration

    async def _next_piece(self) -> bytes:
        request = self._request
        while not request._stream_consumed:
            message = await request._receive()
            if message["type"] == "http.disconnect":
                request._is_disconnected = True
                raise ClientDisconnect
            if not message.get("more_body", False):
                request._stream_consumed = True
            if found := message.get("body", b""):
                piece: bytes = found
                return piece
        return b""

    async def aclose(self) -> None:
        """Stop here; what is left of the body can still be read by another `stream()`."""
        self._place = _ENDED


class FormReading:
    """A form to be: `await` it, or enter it with `async with`, which closes its files at the end."""

    __slots__ = ("_form", "_read", "_request")

    def __init__(self, request: Request[Any], read: Callable[[], Awaitable[FormData]]) -> None:
        self._request = request
        self._read = read

    def __await__(self) -> Generator[Any, None, FormData]:
        return self._read().__await__()

    async def __aenter__(self) -> FormData:
        self._form = await self._read()
        return self._form

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._form.close()

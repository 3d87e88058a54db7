"""HTTP requests: a connection with a body."""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from json import JSONDecodeError as _StdlibJSONDecodeError
from types import TracebackType
from typing import Any, NoReturn

from anyio import Event

from signette._http.cookies import parse_cookies
from signette._http.json import loads_request
from signette._http.media import parse_media_type
from signette._overrides import overrides
from signette._scope_keys import LIMITS
from signette.body import PeekableReceive, StreamConsumedError, read_body
from signette.connection import HTTPConnection, StateT
from signette.datastructures.multidict import FormData
from signette.exceptions import ClientDisconnect, HTTPException, LimitExceeded
from signette.forms.errors import MultiPartException
from signette.forms.limits import FileLimits, TextLimits
from signette.forms.parsers import FormParser, MultiPartParser
from signette.forms.stream import FormStream
from signette.limits import PLAIN_LIMITS, Limits, set_by
from signette.types import Message, Receive, Scope, Send

__all__ = ["BodyStream", "ClientDisconnect", "HTTPConnection", "JSONDecodeError", "Request", "cookie_parser"]

# Header fields that a pushed request copies from this one (RFC 9113 §8.4: cacheable, no secrets).
_PUSHED_FIELDS = (b"accept", b"accept-encoding", b"accept-language", b"cache-control", b"user-agent")

_UNREAD: Any = object()

cookie_parser = parse_cookies


class JSONDecodeError(HTTPException, _StdlibJSONDecodeError):
    """The body is not valid JSON. A `ValueError`; if not handled, the response is a 400."""

    def __init__(self, cause: ValueError) -> None:
        if not isinstance(cause, _StdlibJSONDecodeError):
            # Its message may contain internals.
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
    """The default `receive` of a request. Raises RuntimeError."""
    raise RuntimeError("Receive channel has not been made available")


async def empty_send(message: Message) -> NoReturn:  # noqa: ARG001 - signature of an ASGI `send`
    """The default `send` of a request. Raises RuntimeError."""
    raise RuntimeError("Send channel has not been made available")


class Request(HTTPConnection[StateT]):
    """An HTTP request. Reads the body on first use, once, and keeps it.

    `receive` and `send` are optional: without them, methods that need them raise RuntimeError.
    """

    _types = ("http",)

    # Set when the body is read. Not on the class: subclasses that decode the body ask `hasattr(self, "_body")`.
    _body: bytes

    # None until they are read.
    _form: FormData | None = None
    _json: Any = _UNREAD

    _stream_started = False
    _stream_consumed = False
    _is_disconnected = False
    _reading: bool | Event = False
    """`body()` is reading. An event if another task waits for that."""

    def __init__(self, scope: Scope, receive: Receive = empty_receive, send: Send = empty_send) -> None:
        if scope["type"] != "http":
            raise AssertionError(f"{type(self).__name__} does not support scopes of type {scope['type']!r}")
        self.scope = scope
        self._receive = receive
        self._send = send

    @property
    def method(self) -> str:
        """The method, usually in upper case."""
        method: str = self.scope["method"]
        return method

    @property
    def receive(self) -> Receive:
        """The ASGI `receive` callable."""
        return self._receive

    def stream(self) -> AsyncIterator[bytes]:
        """Iterate over the chunks of the body as they arrive, then one empty chunk. Does not keep them.

        If the body was read before, it is one chunk.

        Raises (when iterated):
            ClientDisconnect: the client disconnected before the end.
            RuntimeError: "Stream consumed", the stream was read to its end before.
        """
        return BodyStream(self)

    async def body(self) -> bytes:
        """The whole body. Several tasks may ask for it at the same time.

        Raises:
            ClientDisconnect: the client disconnected before the end.
            RuntimeError: "Stream consumed", `stream()` has read at least a part of the body.
        """
        body: bytes | None = self.__dict__.get("_body")
        if body is None:
            if self._stream_started:
                return await self._body_of_other_task()
            # PERF: most requests do not need `stream`.
            if type(self) is not Request and overrides(self, Request, "stream"):
                # A subclass may decode the body.
                body = b"".join([chunk async for chunk in self.stream()])
            else:
                self._stream_started = self._stream_consumed = self._reading = True
                try:
                    body = self._body = await read_body(self._receive)
                except ClientDisconnect:
                    self._is_disconnected = True
                    raise
                finally:
                    reading, self._reading = self._reading, False
                    if not isinstance(reading, bool):
                        reading.set()
            self._body = body
        return body

    async def _body_of_other_task(self) -> bytes:
        """The body, if another task is reading it by `body()`."""
        if not self._reading:
            raise StreamConsumedError(as_form=self._form is not None)
        if isinstance(self._reading, bool):
            self._reading = Event()
        await self._reading.wait()
        if self._is_disconnected:
            raise ClientDisconnect
        return await self.body()

    async def json(self) -> Any:
        """The body, parsed as JSON. Ignores the media type.

        Raises:
            JSONDecodeError: the body is not valid JSON; a `ValueError`, and a 400 if not handled.
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
    ) -> "AwaitableForm":
        """The form, urlencoded or multipart; empty if the body is not a form.

        `await request.form()` returns the form, `async with request.form() as form` also closes its files. The limits
        default to those of the application, without an `App` to 1,000 files, 1,000 fields and 1 MiB for a field.
        `max_file_size` limits the bytes of each file, or of the files of each field by its name.

        Raises (when awaited):
            HTTPException: the form is malformed, incomplete, or exceeds a limit. The status is 400, in an `App` 413 for
                sizes.
            MultiPartException: the same errors outside of an application.
            RuntimeError: "Stream consumed", a part of the body was read before.
        """
        return AwaitableForm(self, lambda: self._read_form(max_files, max_fields, max_part_size, max_file_size))

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
        limits = self._text_limits("form", max_fields, max_part_size)
        parser: FormParser | MultiPartParser
        match parse_media_type(headers.get("content-type", ""))[0]:
            case "multipart/form-data":
                files = self._limits.form_files if max_files is None else _argument("form", "max_files", max_files)
                parser = MultiPartParser(headers, self.stream(), max_files=files, max_file_size=max_file_size, **limits)
            case "application/x-www-form-urlencoded":
                parser = FormParser(headers, self.stream(), **limits)
            case _:
                form = self._form = FormData()
                return form
        if self._stream_started and "_body" not in self.__dict__:
            raise StreamConsumedError
        try:
            form = self._form = await parser.parse()
        except MultiPartException as exc:
            raise self._form_error(exc)  # noqa: B904 - outside of an application it is `exc`
        return form

    def parts(
        self,
        *,
        max_files: float | None = None,
        max_fields: float | None = None,
        max_part_size: int | None = None,
        max_file_size: FileLimits = None,
    ) -> FormStream:
        """Iterate over the parts of a multipart form as they arrive: `async for part in request.parts()`.

        A part has `name`, `filename`, `headers` and `content_type`. Iterate over it for the chunks of its content, or
        call `await part.read()` or `await part.text()`. Parts are not stored: requesting the next part skips the rest
        of the current one. The limits are those of `form()`, and apply while the parts arrive.

        Raises:
            HTTPException: 415, the body is not a multipart form; while iterating, the errors of `form()`.
            RuntimeError: "Stream consumed", while iterating, or if a part of the body was read before.
            ClientDisconnect: while iterating, the client disconnected before the end.
        """
        headers = self.headers
        if parse_media_type(headers.get("content-type", ""))[0] != "multipart/form-data":
            raise HTTPException(415, "The body must be multipart/form-data.")
        if self._stream_started and "_body" not in self.__dict__:
            raise StreamConsumedError(as_form=self._form is not None)
        files = self._limits.form_files if max_files is None else _argument("parts", "max_files", max_files)
        limits = self._text_limits("parts", max_fields, max_part_size)
        try:
            return FormStream(
                headers, self.stream(), self._form_error, max_files=files, max_file_size=max_file_size, **limits
            )
        except MultiPartException as exc:
            raise self._form_error(exc)  # noqa: B904 - outside of an application it is `exc`

    @property
    def _limits(self) -> Limits:
        limits: Limits = self.scope.get(LIMITS) or PLAIN_LIMITS
        return limits

    def _text_limits(self, method: str, max_fields: float | None, max_part_size: int | None) -> TextLimits:
        limits = self._limits
        fields, part_size = limits.form_fields, limits.form_part_bytes
        return {
            "max_fields": fields if max_fields is None else _argument(method, "max_fields", max_fields),
            "max_part_size": part_size if max_part_size is None else _argument(method, "max_part_size", max_part_size),
            "max_text_size": limits.form_text_bytes,
        }

    def _form_error(self, exc: MultiPartException) -> Exception:
        """The exception to raise for an invalid form, by the kind of application that handles it."""
        if self.scope.get(LIMITS) is not None:
            return exc.as_http_exception()
        if "app" in self.scope:
            # Starlette's status and message, for the limits that Starlette has too.
            if exc.limit is None:
                return exc.as_http_exception()
            return LimitExceeded(400, exc.limit, exc.limit_value, exc.message, hint=exc.hint)
        return exc

    async def close(self) -> None:
        """Close the files of the form, if any. Safe to call more than once."""
        if self._form is not None:
            await self._form.close()

    async def is_disconnected(self) -> bool:
        """Whether the client has disconnected. Does not wait, and keeps the body readable."""
        if not self._is_disconnected:
            receive = self._receive
            if not isinstance(receive, PeekableReceive):
                receive = self._receive = PeekableReceive(receive)
            self._is_disconnected = await receive.is_disconnected()
        return self._is_disconnected

    async def send_push_promise(self, path: str) -> None:
        """Push the response for `path` (HTTP/2 server push), if the server supports it."""
        if "http.response.push" in self.scope.get("extensions", ()):
            fields = [
                (name, value)
                for pushed in _PUSHED_FIELDS
                for name, value in self.scope.get("headers", ())
                if name == pushed
            ]
            await self._send({"type": "http.response.push", "path": path, "headers": fields})

    async def send_early_hints(self, link: str, /, *additional_links: str) -> None:
        """Send a 103 with values of `Link` (RFC 8297), if the server supports it.

        Raises:
            ValueError: a link contains characters that are invalid in a header field.
        """
        if "http.response.early_hint" in self.scope.get("extensions", ()):
            links = [_encode_link(each) for each in (link, *additional_links)]
            await self._send({"type": "http.response.early_hint", "links": links})


def _encode_link(link: str) -> bytes:
    if any(char in link for char in "\r\n\0"):
        raise ValueError("A link contains CR, LF or NUL, which would split the response")
    return link.encode("latin-1")


# The states of a `BodyStream`: not started, returning chunks, returning the empty chunk, ended.
_FRESH, _OPEN, _LAST, _ENDED = range(4)


class BodyStream(AsyncIterator[bytes]):
    """The result of `Request.stream()`. Not a generator, which would have to be closed after an early `break`."""

    __slots__ = ("_request", "_state")

    def __init__(self, request: Request[Any]) -> None:
        self._request = request
        self._state = _FRESH

    async def __anext__(self) -> bytes:
        if self._state != _OPEN and (chunk := self._begin()) is not None:
            return chunk
        request = self._request
        # PERF: in this frame, as one coroutine more for each chunk takes a third of its time.
        while not request._stream_consumed:
            message = await request._receive()
            try:  # PERF: servers send both, where two calls of `get` take an eighth of the time of a chunk
                body, more = message["body"], message["more_body"]
            except KeyError:
                if message["type"] == "http.disconnect":
                    request._is_disconnected = True
                    raise ClientDisconnect from None
                body, more = message.get("body", b""), message.get("more_body", False)
            if not more:
                request._stream_consumed = True
            if body:
                return body  # type: ignore[no-any-return]  # the messages of ASGI are not typed
        self._state = _ENDED
        return b""

    def _begin(self) -> bytes | None:
        """The next chunk, if none has to be received for it."""
        request = self._request
        if self._state == _ENDED:
            raise StopAsyncIteration
        if self._state == _LAST:
            self._state = _ENDED
            return b""
        body: bytes | None = request.__dict__.get("_body")
        if body is not None:
            self._state = _LAST if body else _ENDED
            return body
        if request._stream_consumed:
            raise StreamConsumedError(as_form=request._form is not None)
        request._stream_started = True
        self._state = _OPEN
        return None

    async def aclose(self) -> None:
        """Stop iterating. Another `stream()` can read the rest of the body."""
        self._state = _ENDED


class AwaitableForm:
    """The result of `Request.form()`: `await` it, or use `async with`, which closes the files at the end."""

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


def _argument(method: str, name: str, limit: Any) -> Any:
    """The limit as one that this argument has set."""
    return set_by(f"`request.{method}({name}=...)`", limit)

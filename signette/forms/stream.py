"""Streams the parts of a multipart form as they arrive, without storing them in memory or on disk.

Theory of operation. A `PartScanner` turns each chunk of the body into events: a part begins, content, a part ends. They
are queued, and the next chunk is received only when the queue is empty and the reader needs an event. So only one
message of the server is in memory, and a slow reader slows down the client. If a chunk contains an error, the events
before the error come first.
"""

from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TypeAlias, Unpack

from signette.datastructures.headers import Headers
from signette.forms.errors import MultiPartException
from signette.forms.limits import FormLimits
from signette.forms.parts import Part, decode_safely
from signette.forms.scanner import PartScanner

# The beginning of a part, content, the end of a part.
Event: TypeAlias = Part | bytes | None


class FormStream(AsyncIterator["FormPart"]):
    """The result of `Request.parts()`. Not a generator, which would have to be closed after an early `break`.

    `chunks` are those of the body. `convert_error` returns the exception to raise for a `MultiPartException`. `limits`
    are those of `formparsers.MultiPartParser`.
    """

    def __init__(
        self,
        headers: Mapping[str, str],
        chunks: AsyncIterator[bytes],
        convert_error: Callable[[MultiPartException], Exception],
        **limits: Unpack[FormLimits],
    ) -> None:
        self._chunks = chunks
        self._convert_error = convert_error
        self._scanner = _EventScanner(headers, **limits)
        self._events = self._scanner.events
        self._current: FormPart | None = None
        self._failure: Exception | None = None

    async def __anext__(self) -> "FormPart":
        self._current = None
        while True:
            event = await self._next_event()
            if isinstance(event, Part):
                self._current = FormPart(self, event, self._scanner.codec)
                return self._current

    async def _next_data(self, part: "FormPart") -> bytes:
        """The content of a part that is available; empty at its end."""
        if part is not self._current:
            raise RuntimeError(
                f"The rest of the part {part.name!r} was skipped when the next part was requested.\n"
                "Read a part before you request the next."
            )
        content = []
        event = await self._next_event()
        while isinstance(event, bytes):
            content.append(event)
            if not self._events or self._events[0] is None:
                break
            event = self._events.popleft()
        return b"".join(content)

    async def _next_event(self) -> Event:
        """The next event. Raises StopAsyncIteration after the last one."""
        while not self._events:
            await self._scan_chunk()
        return self._events.popleft()

    async def _scan_chunk(self) -> None:
        if self._failure is not None:
            raise self._failure
        chunk = await anext(self._chunks, None)
        try:
            if chunk is None:
                self._scanner.finish()
                raise StopAsyncIteration
            self._scanner.scan(chunk)
        except MultiPartException as exc:
            self._failure = self._convert_error(exc)


class Parts(FormStream):
    """The parts of a multipart form in the order of their arrival: `parts: Parts`, `async for part in parts`.

    A part has `name`, `filename` and `content_type`; iterate over it for its content, or call `await part.text()` or
    `await part.read()`. Nothing is stored: a part is available as soon as it begins, and the rest of a part is skipped
    when the next one is requested. `Annotated[Parts, File(max_bytes=..., media_types=[...])]` has the rules for all
    files.

    Raises (while iterating):
        HTTPException: the form is incomplete, malformed, or exceeds a limit.
        ClientDisconnect: the client disconnected.
    """


class FormPart(AsyncIterator[bytes]):
    """A part of a form: its headers, and its content in chunks as they arrive.

    `name` is the name of the field, `filename` that of the file, None if the part is not a file. Do not trust either as
    a path.

    Attributes:
        name: The name of the field.
        filename: The name of the file at the client; None if the part is not a file. Never use it as a path.
        headers: The headers of the part.
    """

    __slots__ = ("_codec", "_ended", "_stream", "filename", "headers", "name")

    def __init__(self, stream: FormStream, part: Part, codec: str) -> None:
        self._stream = stream
        self._codec = codec
        self._ended = False
        self.name = part.name
        self.filename = part.filename
        self.headers = Headers(raw=part.headers)

    @property
    def content_type(self) -> str | None:
        """The media type that the client declares. It is not verified."""
        return self.headers.get("content-type")

    async def __anext__(self) -> bytes:
        if not self._ended:
            if data := await self._stream._next_data(self):
                return data
            self._ended = True
        raise StopAsyncIteration

    async def read(self) -> bytes:
        """Read the rest of the part into memory.

        Raises (as iterating does):
            HTTPException: the form is incomplete, malformed, or exceeds a limit.
            ClientDisconnect: the client disconnected.
            RuntimeError: the next part was requested already, which skipped the rest of this one.
        """
        return b"".join([data async for data in self])

    async def text(self) -> str:
        """The rest of the part as text, in the charset of the form, by default UTF-8."""
        return decode_safely(await self.read(), self._codec)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, filename={self.filename!r}, headers={self.headers!r})"


class _EventScanner(PartScanner):
    """Queues the events of a chunk."""

    def __init__(self, headers: Mapping[str, str], **limits: Unpack[FormLimits]) -> None:
        super().__init__(headers, **limits)
        self.events: deque[Event] = deque()
        self.begin()

    def _open_part(self, part: Part) -> None:
        self.events.append(part)

    def _keep(self, part: Part, data: bytes, start: int, end: int) -> None:  # noqa: ARG002 - signature of a hook
        self.events.append(data[start:end])

    def _close_part(self, part: Part) -> None:  # noqa: ARG002 - signature of a hook
        self.events.append(None)

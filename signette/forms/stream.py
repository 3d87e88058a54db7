"""The parts of a multipart form one after the other, as they arrive; nothing is kept, in memory or on disk.

Theory of operation. A `PartScanner` turns each chunk of the body into events: a part begins, more of its content, the
part ends. They wait in a queue, and a further chunk is asked for only where the queue is empty and somebody wants an
event. So what is in memory is what one message of the server brought, and a reader that pauses makes the client wait.
A fault is told where it stands: what came before it in the same chunk is given first.
"""

from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TypeAlias, Unpack

from signette.datastructures.headers import Headers
from signette.forms.errors import MultiPartException
from signette.forms.limits import FormLimits
from signette.forms.parts import Part, decode_safely
from signette.forms.scanner import PartScanner

# A part begins, more of its content, its end.
Event: TypeAlias = Part | bytes | None


class FormStream(AsyncIterator["FormPart"]):
    """What `Request.parts()` gives. No generator: who stops halfway leaves nothing behind to be closed.

    `chunks` are those of the body. `refusal` makes what is raised of a `MultiPartException`. `limits` are those of
    `formparsers.MultiPartParser`.
    """

    def __init__(
        self,
        headers: Mapping[str, str],
        chunks: AsyncIterator[bytes],
        refusal: Callable[[MultiPartException], Exception],
        **limits: Unpack[FormLimits],
    ) -> None:
        self._chunks = chunks
        self._refusal = refusal
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

    async def _next_piece(self, part: "FormPart") -> bytes:
        """More of a part, all that is here; empty at its end."""
        if part is not self._current:
            raise RuntimeError(
                f"The rest of the part {part.name!r} was skipped when the next part was asked for.\n"
                "Read a part before you go on to the next."
            )
        pieces = []
        event = await self._next_event()
        while isinstance(event, bytes):
            pieces.append(event)
            if not self._events or self._events[0] is None:
                break
            event = self._events.popleft()
        return b"".join(pieces)

    async def _next_event(self) -> Event:
        """Raises StopAsyncIteration behind the last, and each further time."""
        while not self._events:
            await self._take_chunk()
        return self._events.popleft()

    async def _take_chunk(self) -> None:
        if self._failure is not None:
            raise self._failure
        chunk = await anext(self._chunks, None)
        try:
            if chunk is None:
                self._scanner.finish()
                raise StopAsyncIteration
            self._scanner.scan(chunk)
        except MultiPartException as exc:
            self._failure = self._refusal(exc)


class FormPart(AsyncIterator[bytes]):
    """A part of a form: what its headers say, and its content in pieces, as they arrive.

    `name` is that of the field, `filename` what the client calls the file, None where the part is no file. Neither is
    to be trusted as a path.
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
        """What the client said that it is: a claim, not a fact."""
        return self.headers.get("content-type")

    async def __anext__(self) -> bytes:
        if not self._ended:
            if piece := await self._stream._next_piece(self):
                return piece
            self._ended = True
        raise StopAsyncIteration

    async def read(self) -> bytes:
        """All that is left of it, in memory.

        Raises (as iterating does):
            HTTPException: the form was cut off here, is malformed, or over a bound.
            ClientDisconnect: the client left.
            RuntimeError: the next part was asked for already, which skipped the rest of this one.
        """
        return b"".join([piece async for piece in self])

    async def text(self) -> str:
        """The same as text, by the charset of the form; UTF-8 where it names none."""
        return decode_safely(await self.read(), self._codec)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, filename={self.filename!r}, headers={self.headers!r})"


class _EventScanner(PartScanner):
    """Keeps what a chunk brought as events."""

    def __init__(self, headers: Mapping[str, str], **limits: Unpack[FormLimits]) -> None:
        super().__init__(headers, **limits)
        self.events: deque[Event] = deque()
        self.begin()

    def _open_part(self, part: Part) -> None:
        self.events.append(part)

    def _keep(self, part: Part, data: bytes, start: int, end: int) -> None:  # noqa: ARG002 - a hook's shape
        self.events.append(data[start:end])

    def _close_part(self, part: Part) -> None:  # noqa: ARG002 - a hook's shape
        self.events.append(None)

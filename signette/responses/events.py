"""Server-sent events, a stream of small messages to a browser (the HTML standard, section 9.2)."""

import re
from collections.abc import AsyncIterable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from anyio import Lock, current_time, sleep

from signette._http.json import dumps
from signette.background import BackgroundTask
from signette.concurrency import run_beside
from signette.responses.streaming import StreamingResponse
from signette.types import Message, Send

# The standard knows these three line ends and no other; `str.splitlines` also cuts at U+2028 and its like.
_line_end = re.compile("\r\n|\r|\n")
_breaks_a_line = re.compile("[\r\n\0]").search


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event; a client gets it only if it has `data`.

    `data`: text or bytes (UTF-8) go out as they are, line by line, any other value as JSON. `id` is what a
    client that comes back sends as `Last-Event-ID`; `retry` is how many milliseconds it waits before that;
    `comment` no program sees.

    Raises:
        ValueError: `event` or `id` holds CR, LF or NUL, or `retry` is negative.
    """

    data: Any = None
    event: str | None = None
    id: str | None = None
    retry: int | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        for name in ("event", "id"):
            value = getattr(self, name)
            if value is not None and _breaks_a_line(value):
                raise ValueError(f"`{name}` of an event is one line without NUL, not {value!r}")
        if self.retry is not None and (type(self.retry) is not int or self.retry < 0):
            raise ValueError(
                f"`retry` of an event counts milliseconds, as an int that is not negative, not {self.retry!r}"
            )

    def encode(self) -> bytes:
        """The event as it travels, with the empty line that ends it."""
        lines = []
        if self.comment is not None:
            lines += [f": {line}" for line in _line_end.split(self.comment)]
        if self.event is not None:
            lines.append(f"event: {self.event}")
        if self.id is not None:
            lines.append(f"id: {self.id}")
        if self.retry is not None:
            lines.append(f"retry: {self.retry}")
        head = "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
        return head + (b"\n" if self.data is None else encode_data(self.data))


def encode_data(data: Any) -> bytes:
    """The `data` lines of a value, with the empty line that ends the event."""
    if isinstance(data, bytes):
        data = data.decode("utf-8", "replace")
    if isinstance(data, str):
        text = "".join(f"data: {line}\n" for line in _line_end.split(data))
        return text.encode("utf-8", "replace") + b"\n"
    return b"data: %b\n\n" % dumps(data)  # compact JSON has no line ends


class EventSourceResponse(StreamingResponse):
    """A stream of server-sent events, for `EventSource` in a browser.

    The iterable gives `ServerSentEvent`s, or just their data. When nothing was sent for `ping_seconds`, a
    comment goes out, so that proxies do not take the connection for dead, and a client that is gone is
    noticed; `None` sends no such comments.
    """

    media_type = "text/event-stream"
    # An iterator may wait long for its next event, and nothing is sent meanwhile: `send` alone would tell
    # too late.
    always_listens = True

    def __init__(
        self,
        content: AsyncIterable[Any] | Iterable[Any],
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
        ping_seconds: float | None = 15,
    ) -> None:
        if ping_seconds is not None and not ping_seconds > 0:
            raise ValueError(f"`ping_seconds` is more than nothing, or None for no pings, not {ping_seconds!r}")
        super().__init__(content, status_code, headers, media_type, background)
        self.ping_seconds = ping_seconds
        self.headers.setdefault("cache-control", "no-cache")
        self.headers.setdefault("x-accel-buffering", "no")  # nginx would hold small messages back

    def render_chunk(self, chunk: Any) -> bytes:
        """The event as it travels."""
        return chunk.encode() if isinstance(chunk, ServerSentEvent) else encode_data(chunk)

    async def stream_response(self, send: Send) -> None:
        """Sends the whole response, with pings where it is silent, and closes the iterator."""
        if self.ping_seconds is None:
            await super().stream_response(send)
            return
        speaker = _Speaker(send)
        stream = super().stream_response
        seconds = self.ping_seconds
        await run_beside(lambda: stream(speaker.send), lambda: speaker.fill_silences(seconds))


class _Speaker:
    """A `send` for two tasks: one message at a time, and it knows when it last spoke."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._turn = Lock(fast_acquire=True)
        self._spoke_at = current_time()
        self._streams = False

    async def send(self, message: Message) -> None:
        async with self._turn:
            await self._send(message)
            self._spoke_at = current_time()
            self._streams = message.get("more_body", True)

    async def fill_silences(self, seconds: float) -> None:
        """Sends a ping whenever nothing was sent for that long. Never returns."""
        while True:
            await sleep(max(self._spoke_at + seconds - current_time(), 0))
            async with self._turn:
                now = current_time()
                if now - self._spoke_at >= seconds:
                    if self._streams:
                        await self._send({"type": "http.response.body", "body": b": ping\n\n", "more_body": True})
                    self._spoke_at = current_time()

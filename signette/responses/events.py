"""Server-sent events, a stream of small messages to a browser (the HTML standard, section 9.2)."""

import re
from collections.abc import AsyncIterable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from anyio import Lock, current_time, sleep, sleep_forever

from signette._http.json import dumps
from signette.background import BackgroundTask
from signette.concurrency import run_beside
from signette.responses.streaming import Opening, StreamingResponse
from signette.types import Message, Send

# The standard knows these three line ends and no other; `str.splitlines` also cuts at U+2028 and its like.
_line_end = re.compile("\r\n|\r|\n")
# How long status and headers wait for the first event, which may decide them. A browser's `EventSource` is open only
# when they are there, and events may be long in coming.
START_SECONDS = 1.0
_breaks_a_line = re.compile("[\r\n\0]").search


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event; a client gets it only if it has `data`.

    `data`: text or bytes (UTF-8) go out as they are, line by line, any other value as JSON. `id` is what a
    client that comes back sends as `Last-Event-ID`; a number is kept as its text. `retry` is how many
    milliseconds it waits before that; `comment` no program sees.

    Raises:
        TypeError: `event`, `id` or `comment` is neither text nor None (nor, as an `id`, a whole number).
        ValueError: `event` or `id` holds CR, LF or NUL, or `retry` is negative.
    """

    data: Any = None
    event: str | None = None
    id: str | int | None = None
    retry: int | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        if type(self.id) is int:
            object.__setattr__(self, "id", str(self.id))
        for name in ("event", "id", "comment"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise TypeError(f"`{name}` of an event is a text, not a `{type(value).__name__}`")
            if value is not None and name != "comment" and _breaks_a_line(value):
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
        opening = send if isinstance(send, Opening) else Opening(self, send, at_once=not self._waits)
        speaker = _Speaker(opening.send)
        opening.send = speaker.send
        stream, seconds = super().stream_response, self.ping_seconds
        if seconds is None and opening.at_once:
            await stream(opening)
            return
        await run_beside(lambda: stream(opening), lambda: speaker.fill_silences(opening, seconds))


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

    async def fill_silences(self, opening: Opening, seconds: float | None) -> None:
        """Sends the start where the first event is long in coming, then a ping whenever nothing was sent for so long.

        Never returns.
        """
        await sleep(START_SECONDS if seconds is None else min(START_SECONDS, seconds))
        if not opening.is_sent:
            await opening.send_start()
        while seconds is not None:
            await sleep(max(self._spoke_at + seconds - current_time(), 0))
            async with self._turn:
                now = current_time()
                if now - self._spoke_at >= seconds:
                    if self._streams:
                        await self._send({"type": "http.response.body", "body": b": ping\n\n", "more_body": True})
                    self._spoke_at = current_time()
        await sleep_forever()

"""Server-sent events (the HTML standard, section 9.2)."""

import re
from collections.abc import AsyncIterable, Iterable, Mapping
from secrets import randbelow
from typing import Any

from anyio import Lock, current_time, move_on_after, sleep_forever

from signette._dataclasses import dataclass
from signette._http.json import dumps
from signette.background import BackgroundTask
from signette.concurrency import run_alongside
from signette.draining import current_draining
from signette.responses.streaming import DeferredStart, StreamingResponse
from signette.types import Message, Send

# The line ends of the standard; `str.splitlines` also splits at U+2028 and others.
_line_end = re.compile("\r\n|\r|\n")
# How long status and headers wait for the first event, which may change them. The `EventSource` of a browser opens only
# when it receives them.
START_SECONDS = 1.0
# Milliseconds after which clients reconnect when the process ends.
_RETRY_FROM, _RETRY_TO = 500, 3000
_find_line_break = re.compile("[\r\n\0]").search


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """A server-sent event. Clients ignore events without `data`.

    `data`: text and bytes (UTF-8) are sent unchanged, any other value as JSON. `id`: a client that reconnects sends it
    as `Last-Event-ID`; an integer becomes a string. `retry`: how many milliseconds a client waits before it reconnects.
    `comment`: ignored by clients.

    Attributes:
        data: Text and bytes are sent unchanged, line by line, any other value as JSON.
        event: The name of the event, one line.
        id: A client that reconnects sends it as `Last-Event-ID`. One line, or an integer.
        retry: Milliseconds before the client reconnects.
        comment: A text that clients ignore.

    Raises:
        TypeError: `event`, `id` or `comment` is neither a string nor None, and `id` is not an integer.
        ValueError: `event` or `id` contains CR, LF or NUL, or `retry` is negative.
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
                raise TypeError(f"`{name}` of an event must be a string, not a `{type(value).__name__}`")
            if value is not None and name != "comment" and _find_line_break(value):
                raise ValueError(f"`{name}` of an event must not contain CR, LF or NUL, got {value!r}")
        if self.retry is not None and (type(self.retry) is not int or self.retry < 0):
            raise ValueError(f"`retry` of an event must be a non-negative integer (milliseconds), not {self.retry!r}")

    def encode(self) -> bytes:
        """The encoded event, including the empty line at its end."""
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
    """The encoded `data` lines of a value, including the empty line at the end of the event."""
    if isinstance(data, bytes):
        data = data.decode("utf-8", "replace")
    if isinstance(data, str):
        text = "".join(f"data: {line}\n" for line in _line_end.split(data))
        return text.encode("utf-8", "replace") + b"\n"
    return b"data: %b\n\n" % dumps(data)  # compact JSON has no line ends


class EventSourceResponse(StreamingResponse):
    """Streams server-sent events, for `EventSource` in a browser.

    The items of the iterable are `ServerSentEvent`s or their data. After `ping_seconds` without an event, sends a
    comment, which keeps the connection open through proxies and detects disconnected clients. `None` sends no comments.
    When the process ends (`signette.draining`), sends an event `draining`, closes the iterator and ends.

    Attributes:
        ping_seconds: The time without an event after which a comment is sent; None disables it.
    """

    media_type = "text/event-stream"
    # While the iterator waits for the next event, nothing is sent, so `send` would detect a disconnect too late.
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
            raise ValueError(f"`ping_seconds` must be positive, or None for no pings, not {ping_seconds!r}")
        super().__init__(content, status_code, headers, media_type, background)
        self.ping_seconds = ping_seconds
        self.headers.setdefault("cache-control", "no-cache")
        self.headers.setdefault("x-accel-buffering", "no")  # nginx would buffer small messages

    def render_chunk(self, chunk: Any) -> bytes:
        """The encoded event."""
        return chunk.encode() if isinstance(chunk, ServerSentEvent) else encode_data(chunk)

    async def stream_response(self, send: Send) -> None:
        """Send the response, with pings between events, and close the iterator."""
        start = (
            send
            if isinstance(send, DeferredStart)
            else DeferredStart(self, send, at_once=not self._waits_for_first_chunk)
        )
        pinger = _Pinger(start.send)
        start.send = pinger.send
        stream, seconds = super().stream_response, self.ping_seconds
        await run_alongside(lambda: stream(start), lambda: pinger.send_pings(start, seconds))


def draining_event() -> ServerSentEvent:
    """The last event of a stream when the process ends.

    Clients reconnect within three seconds, each at another time, to another process. The event has no `id`, so they
    send that of the last event before it.
    """
    retry = _RETRY_FROM + randbelow(_RETRY_TO - _RETRY_FROM)
    return ServerSentEvent({"reason": "shutdown"}, event="draining", retry=retry)


class _Pinger:
    """A `send` that two tasks share: one for the events, one for pings when no event was sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._lock = Lock(fast_acquire=True)
        self._last_sent = current_time()
        self._is_open = False
        self._has_ended = False
        self._draining = current_draining()

    async def send(self, message: Message) -> None:
        async with self._lock:
            if self._has_ended:
                await sleep_forever()  # the task is about to be cancelled
            await self._send(message)
            self._last_sent = current_time()
            self._is_open = message.get("more_body", True)

    async def send_pings(self, start: DeferredStart, seconds: float | None) -> None:
        """Send the start if the first event takes too long, then a ping after each interval without a message.

        Returns when the process ends, and with it the stream.
        """
        if not await self._is_stopping_within(START_SECONDS if seconds is None else min(START_SECONDS, seconds)):
            if not start.is_sent:
                await start.send_start()
            if seconds is None:
                await self._draining.wait()
            else:
                await self._send_pings(seconds)
        await self._end(start)

    async def _send_pings(self, seconds: float) -> None:
        while not await self._is_stopping_within(max(self._last_sent + seconds - current_time(), 0)):
            async with self._lock:
                now = current_time()
                if now - self._last_sent >= seconds:
                    if self._is_open:
                        await self._send({"type": "http.response.body", "body": b": ping\n\n", "more_body": True})
                    self._last_sent = current_time()

    async def _is_stopping_within(self, seconds: float) -> bool:
        with move_on_after(seconds):
            await self._draining.wait()
        return self._draining.is_stopping

    async def _end(self, start: DeferredStart) -> None:
        """Send the last event, and end the response."""
        if not start.is_sent:
            await start.send_start()
        async with self._lock:
            if self._is_open and start.has_body:
                self._has_ended = True
                await self._send({"type": "http.response.body", "body": draining_event().encode(), "more_body": False})

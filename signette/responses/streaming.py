"""A response whose body comes in pieces, and what ends it early.

Theory of operation. The pieces come from an iterator that may hold things open: a cursor, a file, a
connection. So the iterator is closed whatever ends the stream, in the task that reads it, before the
response returns. What can end it:

* the iterator ends: only then is the last, empty message sent. One that fails leaves the response broken
  off, since an ordinary end would tell the client that it has got the whole;
* the iterator fails before its first piece: where the start waits for that piece, as in the response of a typed
  endpoint, nothing has been sent, and the exception is answered like any other;
* the server cancels: the iterator is closed under a shield, because whoever is cancelled may not await
  otherwise;
* the method is HEAD: the start was all that was asked for, and the iterator is closed as it is. `send` says so by
  raising `HeadIsSent`, which may arrive in an exception group where a subclass sends from a task group;
* the client leaves. From version 2.4 of the ASGI text `send` then raises OSError, which becomes
  `ClientDisconnect`. Below it only `receive` tells, so a second task listens and cancels the first; that is
  a normal end, nothing is raised.
"""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from functools import lru_cache
from types import AsyncGeneratorType
from typing import Any

from anyio import move_on_after

from signette.background import BackgroundTask
from signette.body import discard_body
from signette.concurrency import run_beside
from signette.exceptions import ClientDisconnect
from signette.responses.plain import Response
from signette.responses.read_ahead import ThreadedChunks
from signette.responses.wire import BODILESS, as_denial, encode_chunk
from signette.types import Message, Receive, Scope, Send

Content = str | bytes | memoryview
SyncContentStream = Iterable[Content]
AsyncContentStream = AsyncIterable[Content]
ContentStream = AsyncContentStream | SyncContentStream

# How long an iterator may take to close after a cancellation, before it is cancelled itself: a server that
# shuts down must come to an end.
CLOSING_SECONDS = 10


class StreamingResponse(Response):
    """An answer in pieces, each sent as soon as the iterable gives it.

    A sync iterable that is no list or tuple is read in worker threads. A generator, and what has an `aclose`
    method, is closed when the stream ends, however it ends; what was opened elsewhere is left to whoever
    opened it.
    """

    body_iterator: AsyncIterable[Any]
    always_listens = False
    _waits = False
    """Whether the start waits for the first piece, as in the response of a typed endpoint. Else it goes out at once."""
    _before_start: Callable[[], None] | None = None
    """Called just before the start is sent: it may still change status and headers."""

    def __init__(
        self,
        content: ContentStream,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        self.status_code = status_code
        if media_type is not None:
            self.media_type = media_type
        self.background = background
        self._content = content
        self._iterator = self.body_iterator = iterate_content(content)
        self.init_headers(headers)

    def render_chunk(self, chunk: Any) -> bytes | memoryview:
        """One piece as it travels. For subclasses to override."""
        return chunk if type(chunk) is bytes else encode_chunk(chunk, self.charset)

    async def listen_for_disconnect(self, receive: Receive) -> None:
        """Returns when the client has left."""
        await until_disconnect(receive)

    async def stream_response(self, send: Send) -> None:
        """Sends the whole response, and closes the iterator."""
        opening = send if isinstance(send, Opening) else Opening(self, send, at_once=not self._waits)
        iterator: AsyncIterator[Any] | None = None
        try:
            if opening.at_once or self.status_code in BODILESS:
                await opening.send_start()
            if opening.has_body or not opening.is_sent:
                iterator = aiter(self.body_iterator)
                if isinstance(iterator, ThreadedChunks):
                    await iterator.read_beside(self._send_pieces(iterator, opening))
                else:
                    await self._send_pieces(iterator, opening)
                if not opening.is_sent:  # there was no piece
                    await opening.send_start()
            await opening({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await self._close(iterator)

    async def _send_pieces(self, pieces: AsyncIterable[Any], opening: "Opening") -> None:
        render, send = self.render_chunk, opening.send
        sends = False
        try:
            async for chunk in pieces:
                body = render(chunk)
                if not opening.has_body:
                    if not opening.is_sent:
                        await opening.send_start()
                    if not opening.has_body:
                        return  # the status that the iterator has chosen has no body
                # PERF: a flag tells whose OSError it is; a `send` that wraps another costs a call a piece.
                sends = True
                await send({"type": "http.response.body", "body": body, "more_body": True})
                sends = False
        except OSError as error:
            if sends:
                raise ClientDisconnect from error
            raise

    async def _close(self, iterator: AsyncIterator[Any] | None) -> None:
        made = self._iterator
        if iterator is made and _is_over(iterator):
            return  # PERF: it came to its end, which is the usual case
        # A middleware may have put its own iterator around ours, and closing the outer one does not close the inner.
        with move_on_after(CLOSING_SECONDS, shield=True):
            async with AsyncExitStack() as closing:
                inner_first = {id(each): each for each in (made, self.body_iterator, iterator)}
                for each in inner_first.values():
                    if (aclose := getattr(each, "aclose", None)) is not None:
                        closing.push_async_callback(aclose)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.stream_response(as_denial(send))
        elif scope.get("method") == "HEAD":
            with until_head_is_sent():
                await self.stream_response(Opening(self, _head_alone(send), at_once=True))
        elif send_tells_of_disconnect(scope) and not self.always_listens:
            await self.stream_response(send)
        else:
            opening = Opening(self, send, at_once=not self._waits)
            await run_beside(
                lambda: self.stream_response(opening),
                lambda: self.listen_for_disconnect(discard_body(scope, receive)),
            )
            if not opening.is_sent:  # the client has left before the first piece; the layers around hear what was meant
                await opening.send_start()
        if self.background is not None:
            await self.background()


class Opening:
    """A `send` whose first message, the start of a streaming response, waits for the first piece, unless `at_once`.

    Until then nothing is decided: an iterator that fails before it gives one is answered by whoever handles its
    exception, and what it says of status and headers meanwhile counts.
    """

    __slots__ = ("at_once", "has_body", "is_sent", "response", "send")

    def __init__(self, response: StreamingResponse, send: Send, at_once: bool = False) -> None:
        self.response = response
        self.send = send
        self.at_once = at_once
        self.is_sent = False
        self.has_body = False
        """Whether the start is on its way, and pieces may follow."""

    async def __call__(self, message: Message) -> None:
        try:
            await self.send(message)
        except OSError as error:
            raise ClientDisconnect from error

    async def send_start(self) -> None:
        """Send the start with the status and the headers as they are now."""
        self.is_sent = True
        response = self.response
        if response._before_start is not None:
            response._before_start()
        # Before the message: who else sends waits for a lock, and not for this.
        self.has_body = response.status_code not in BODILESS
        headers = response.raw_headers.copy() if self.has_body else response._bodiless_headers()
        try:
            await self.send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        except OSError as error:
            raise ClientDisconnect from error


class HeadIsSent(BaseException):
    """Raised by `send`: HEAD has its response, and the stream behind it need not go on; it might never end.

    No `Exception`: a response that logs whatever its stream raises has nothing to log here.
    """


@contextmanager
def until_head_is_sent() -> Iterator[None]:
    """A block that ends, without an error, when `send` has raised `HeadIsSent` in it or in one of its task groups."""
    try:
        yield
    except HeadIsSent:
        return
    except BaseExceptionGroup as group:
        _, rest = group.split(HeadIsSent)
        if rest is group:
            raise
        if rest is not None:
            raise rest from None


def _head_alone(send: Send) -> Send:
    """`send` for HEAD: the start ends the response. The stream might go on for ever, and the connection with it."""
    is_sent = False

    async def send_head(message: Message) -> None:
        nonlocal is_sent
        if not is_sent:
            await send(message)
            if message["type"] != "http.response.start":
                return
            is_sent = True
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        raise HeadIsSent

    return send_head


def iterate_content(content: ContentStream) -> AsyncIterable[Any]:
    """The pieces of the content, to be read on the event loop."""
    if isinstance(content, AsyncIterable):
        return content
    if isinstance(content, str | bytes | memoryview):
        return _at_hand((content,))  # one piece; its characters one by one are what nobody means
    if isinstance(content, list | tuple):
        return _at_hand(content)  # PERF: reading a list never blocks, so it needs no thread
    return ThreadedChunks(content)


async def _at_hand(chunks: Iterable[Content]) -> AsyncIterator[Content]:
    for chunk in chunks:
        yield chunk


def _is_over(iterator: AsyncIterable[Any]) -> bool:
    """Whether there is nothing to close, as far as that can be seen."""
    if isinstance(iterator, AsyncGeneratorType):
        return iterator.ag_frame is None
    return isinstance(iterator, ThreadedChunks) and iterator.is_over


async def until_disconnect(receive: Receive) -> None:
    """Returns when the client has left; what is left of the request's body is dropped."""
    while (await receive())["type"] != "http.disconnect":
        pass


def send_tells_of_disconnect(scope: Scope) -> bool:
    """Whether `send` raises OSError once the client has left (ASGI HTTP 2.4), or only `receive` tells."""
    return _is_at_least_2_4(scope.get("asgi", {}).get("spec_version", "2.0"))


@lru_cache(maxsize=16)
def _is_at_least_2_4(spec_version: str) -> bool:
    return tuple(map(int, spec_version.split("."))) >= (2, 4)


def raising_client_disconnect(send: Send) -> Send:
    """`send`, with its OSError told apart from those of the code that makes the body."""

    async def send_or_disconnect(message: Message) -> None:
        try:
            await send(message)
        except OSError as error:
            raise ClientDisconnect from error

    return send_or_disconnect

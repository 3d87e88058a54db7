"""A response whose body comes in pieces, and what ends it early.

Theory of operation. The pieces come from an iterator that may hold things open: a cursor, a file, a
connection. So the iterator is closed whatever ends the stream, in the task that reads it, before the
response returns. What can end it:

* the iterator ends: only then is the last, empty message sent. One that fails leaves the response broken
  off, since an ordinary end would tell the client that it has got the whole;
* the server cancels: the iterator is closed under a shield, because whoever is cancelled may not await
  otherwise;
* the client leaves. From version 2.4 of the ASGI text `send` then raises OSError, which becomes
  `ClientDisconnect`. Below it only `receive` tells, so a second task listens and cancels the first; that is
  a normal end, nothing is raised.
"""

from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from contextlib import AsyncExitStack
from functools import lru_cache
from inspect import GEN_CREATED, getgeneratorstate
from threading import Lock
from types import AsyncGeneratorType
from typing import Any, cast

from anyio import CancelScope, create_task_group, move_on_after

from signette.background import BackgroundTask
from signette.body import ClientDisconnect
from signette.concurrency import run_in_threadpool
from signette.responses.plain import Response
from signette.responses.wire import BODILESS, as_denial, encode_chunk
from signette.types import Message, Receive, Scope, Send

Content = str | bytes | memoryview
SyncContentStream = Iterable[Content]
AsyncContentStream = AsyncIterable[Content]
ContentStream = AsyncContentStream | SyncContentStream

# How long an iterator may take to close after a cancellation, before it is cancelled itself: a server that
# shuts down must come to an end.
CLOSING_SECONDS = 10

_END = object()


class StreamingResponse(Response):
    """An answer in pieces, each sent as soon as the iterable gives it.

    A sync iterable that is no list or tuple is read in worker threads. A generator, and what has an `aclose`
    method, is closed when the stream ends, however it ends; what was opened elsewhere is left to whoever
    opened it.
    """

    body_iterator: AsyncIterable[Any]
    always_listens = False

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
        iterator: AsyncIterator[Any] | None = None
        sends = True
        try:
            bodiless = self.status_code in BODILESS
            headers = self._bodiless_headers() if bodiless else self.raw_headers.copy()
            await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
            if not bodiless:
                sends = False
                iterator = aiter(self.body_iterator)
                render = self.render_chunk
                async for chunk in iterator:
                    body = render(chunk)
                    # PERF: a flag tells whose OSError it is; a `send` that wraps another costs a call a piece.
                    sends = True
                    await send({"type": "http.response.body", "body": body, "more_body": True})
                    sends = False
            sends = True
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except OSError as error:
            if sends:
                raise ClientDisconnect from error
            raise
        finally:
            await self._close(iterator)

    async def _close(self, iterator: AsyncIterator[Any] | None) -> None:
        made = self._iterator
        if iterator is made and isinstance(iterator, AsyncGeneratorType) and iterator.ag_frame is None:
            return  # PERF: it came to its end, which is the usual case
        # A middleware may have put its own iterator around ours, and closing the outer one does not close the inner.
        # A sync generator is closed where it is read, unless nothing of it was read.
        with move_on_after(CLOSING_SECONDS, shield=True):
            async with AsyncExitStack() as closing:
                if isinstance(self._content, Generator) and getgeneratorstate(self._content) == GEN_CREATED:
                    closing.callback(self._content.close)
                inner_first = {id(each): each for each in (made, self.body_iterator, iterator)}
                for each in inner_first.values():
                    if (aclose := getattr(each, "aclose", None)) is not None:
                        closing.push_async_callback(aclose)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.stream_response(as_denial(send))
        elif send_tells_of_disconnect(scope) and not self.always_listens:
            await self.stream_response(send)
        else:
            await run_beside(
                lambda: self.stream_response(send),
                lambda: self.listen_for_disconnect(receive),
            )
        if self.background is not None:
            await self.background()


def iterate_content(content: ContentStream) -> AsyncIterable[Any]:
    """The pieces of the content, to be read on the event loop."""
    if isinstance(content, AsyncIterable):
        return content
    if isinstance(content, str | bytes | memoryview):
        return _at_hand((content,))  # one piece; its characters one by one are what nobody means
    if isinstance(content, list | tuple):
        return _at_hand(content)  # PERF: reading a list never blocks, so it needs no thread
    return _read_in_threads(content)


async def _at_hand(chunks: Iterable[Content]) -> AsyncIterator[Content]:
    for chunk in chunks:
        yield chunk


async def until_disconnect(receive: Receive) -> None:
    """Returns when the client has left; what is left of the request's body is dropped."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _read_in_threads(content: Iterable[Content]) -> AsyncIterator[Content]:
    # One piece a visit: the second may be long in coming, and the first must not wait for it. The lock is for
    # a native cancellation of asyncio, which does not wait for the thread: whoever closes then does.
    using = Lock()
    source: Iterator[Content] | None = None

    def take() -> object:
        nonlocal source
        with using:
            if source is None:
                source = iter(content)
            return next(source, _END)

    def close() -> None:
        with using:
            unfinished = content if source is None else source
            if isinstance(unfinished, Generator):
                unfinished.close()

    try:
        while (chunk := await run_in_threadpool(take)) is not _END:
            yield cast(Content, chunk)
    except BaseException:
        with CancelScope(shield=True):
            await run_in_threadpool(close)  # its `finally` may block
        raise


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


async def run_beside(work: Callable[[], Awaitable[None]], *companions: Callable[[], Awaitable[None]]) -> None:
    """Runs the work until it ends, or until one of its companions ends, which cancels it.

    The first error of any of them is raised as it is, not in a group.
    """
    failures: list[Exception] = []

    async def accompany(companion: Callable[[], Awaitable[None]]) -> None:
        try:
            await companion()
        except Exception as error:  # noqa: BLE001 - raised below, outside the group
            failures.append(error)
        group.cancel_scope.cancel()

    async with create_task_group() as group:
        for companion in companions:
            group.start_soon(accompany, companion)
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - raised below, outside the group
            failures.append(error)
        group.cancel_scope.cancel()
    if failures:
        try:
            raise failures[0]
        finally:
            failures.clear()  # or the error's traceback and this frame would keep each other alive

"""Calls in process: requests become ASGI scopes, without a socket and without an HTTP client.

Theory of operation. A response that is read whole needs no task: the application is awaited, and its messages are kept.
So a call costs little more than the application. A response that is read while it arrives needs the application to run
at the same time, as a task of the group that `open` has made. The application is at most one chunk ahead of the client.
"""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any
from urllib.parse import unquote, urlsplit

import anyio
from anyio.abc import TaskGroup

from signette._app_tasks.lifespan import LifespanTask
from signette._app_tasks.task import ASGI_VERSION, AppTask, ClientDisconnectedError
from signette._app_tasks.task_group import TaskGroupHolder
from signette.client.asgi_sockets import ASGIConnection, asgi_socket
from signette.client.runtime.transport import Pairs, Received, Sent, WholeResponse, close_chunks
from signette.types import ASGIApp, Message, Scope

_PORTS = {"http": 80, "https": 443}


class ASGITransport:
    """Carries requests to an application in the same event loop."""

    def __init__(self, app: ASGIApp, base_url: str = "http://testserver", root_path: str = "") -> None:
        parts = urlsplit(base_url)
        self.app = app
        self.state: dict[str, Any] = {}
        self._host = parts.netloc.encode("ascii")
        # What all scopes have.
        self._scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "scheme": parts.scheme,
            "root_path": root_path,
            "client": ("client", 0),
            "server": (parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 80)),
        }
        self._tasks: TaskGroup | None = None
        self._stack: AsyncExitStack | None = None

    async def open(self, *, runs_lifespan: bool) -> None:
        """Start what streams need, and the lifespan of the application.

        Raises the exception of the lifespan.
        """
        async with AsyncExitStack() as stack:
            tasks = await stack.enter_async_context(TaskGroupHolder())
            if runs_lifespan:
                lifespan = LifespanTask(self.app, self.state)
                tasks.start_soon(lifespan.run)
                await lifespan.start()
                stack.push_async_callback(lifespan.shut_down)
            self._tasks = tasks
            self._stack = stack.pop_all()

    async def aclose(self) -> None:
        """Shut the application down, and end open responses."""
        stack, self._stack, self._tasks = self._stack, None, None
        if stack is not None:
            await stack.aclose()

    async def send(self, sent: Sent) -> Received:
        """Call the application.

        Raises the exception of the application, if it has sent no response.
        """
        scope = self.scope_of(sent)
        if sent.streams:
            return await self._stream(scope, sent)
        exchange = _Exchange(sent.body)
        timeout = anyio.fail_after(sent.timeout) if sent.timeout is not None else None
        try:
            if timeout is None:
                await self.app(scope, exchange.receive, exchange.send)
            else:
                with timeout:
                    await self.app(scope, exchange.receive, exchange.send)
        except Exception as exc:
            if not exchange.has_started or isinstance(exc, TimeoutError):
                raise
            return WholeResponse(exchange.status, exchange.headers, exchange.body, exc)
        finally:
            if exchange.stream is not None:
                await exchange.stream.aclose()
        if not exchange.has_started:
            raise RuntimeError(f"the application has sent no response to {sent.method} {scope['path']}")
        return WholeResponse(exchange.status, exchange.headers, exchange.body)

    async def _stream(self, scope: Scope, sent: Sent) -> "StreamedResponse":
        if self._tasks is None:
            raise RuntimeError(
                "a response that arrives in parts needs an open client: `async with app.client() as ...`"
            )
        response = StreamedResponse(self.app, scope, sent.body)
        self._tasks.start_soon(response.run)
        with anyio.fail_after(sent.timeout):
            await response.until_started()
        return response

    def open_socket(self, sent: Sent, subprotocols: Sequence[str]) -> AbstractAsyncContextManager[ASGIConnection]:
        """A WebSocket of the application. It raises SocketRejected when it is entered."""
        if self._tasks is None:
            raise RuntimeError("a WebSocket needs an open client: `async with app.client() as client`")
        return asgi_socket(self.app, self.scope_of(sent), self._tasks, subprotocols)

    def scope_of(self, sent: Sent) -> Scope:
        """The ASGI scope of a request."""
        path, _, query = sent.url.partition("?")
        headers = [(b"host", self._host)]
        for name, value in sent.headers:
            if name == "host":
                headers[0] = (b"host", value.encode("latin-1"))
            else:
                headers.append((name.lower().encode("latin-1"), value.encode("latin-1")))
        if isinstance(sent.body, bytes):
            headers.append((b"content-length", b"%d" % len(sent.body)))
        elif sent.body is not None and all(name != b"content-length" for name, _ in headers):
            headers.append((b"transfer-encoding", b"chunked"))
        scope = self._scope.copy()
        scope["asgi"] = ASGI_VERSION.copy()
        scope["method"] = sent.method
        scope["path"] = unquote(path) if "%" in path else path
        scope["raw_path"] = path.encode("ascii")
        scope["query_string"] = query.encode("ascii")
        scope["headers"] = headers
        scope["state"] = self.state.copy()
        return scope


class _Exchange:
    """The messages of a request whose response is read whole."""

    __slots__ = ("_chunks", "_complete", "_request", "_waiting", "headers", "status", "stream")

    def __init__(self, body: bytes | AsyncIterable[bytes] | Iterable[bytes] | None) -> None:
        self.status = 0
        self.headers: Pairs = []
        is_whole = body is None or isinstance(body, bytes)
        self._request: bytes | None = (body or b"") if is_whole else None  # type: ignore[assignment]
        # The application pulls the chunks of a body that is made while it is sent.
        self.stream = None if is_whole else _chunks_of(body)
        self._chunks: list[bytes] = []
        self._complete = False
        self._waiting: anyio.Event | None = None

    @property
    def has_started(self) -> bool:
        return self.status != 0

    @property
    def body(self) -> bytes:
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    async def receive(self) -> Message:
        body, self._request = self._request, None
        if body is not None:
            return {"type": "http.request", "body": body, "more_body": False}
        if self.stream is not None:
            chunk = await anext(self.stream, None)
            if chunk is None:
                self.stream = None
            return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}
        if not self._complete:
            self._waiting = self._waiting or anyio.Event()
            await self._waiting.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
            self.headers = _headers_of(message)
        elif kind == "http.response.body":
            if body := message.get("body"):
                self._chunks.append(bytes(body))
            if not message.get("more_body"):
                self._complete = True
                if self._waiting is not None:
                    self._waiting.set()


class StreamedResponse(AppTask):
    """A response that is read while the application sends it."""

    __slots__ = ("_body", "_body_ended", "_chunks", "_disconnected", "_whole", "headers", "status")

    def __init__(self, app: ASGIApp, scope: Scope, body: Any) -> None:
        super().__init__(app, scope)
        self.status = 0
        self.headers: Pairs = []
        self._body: AsyncGenerator[bytes, None] | None = _chunks_of(body)
        self._chunks: deque[bytes] = deque()
        self._body_ended = False
        self._disconnected = False
        self._whole: bytes | None = None

    async def receive(self) -> Message:
        """The next chunk of the request, then a disconnect when the response has ended."""
        if self._body is not None:
            chunk = await anext(self._body, None)
            if chunk is not None:
                return {"type": "http.request", "body": chunk, "more_body": True}
            self._body = None
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.until(lambda: self._body_ended or self._disconnected)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Keep a message, and wait until the client has taken the chunk in it."""
        if self._disconnected:
            raise ClientDisconnectedError("The client has disconnected.")
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], _headers_of(message)
        elif message["type"] == "http.response.body":
            if body := message.get("body"):
                self._chunks.append(bytes(body))
            self._body_ended = not message.get("more_body")
        self.changed()
        if not self._body_ended:
            await self.until(lambda: not self._chunks or self._disconnected)

    async def until_started(self) -> None:
        """Wait for the status. Raises the exception of the application, if it has sent none."""
        try:
            await self.until(lambda: self.status or self.done)
        except BaseException:
            await self.abort()
            raise
        if not self.status:
            raise self.take_error() or RuntimeError("the application has sent no response")

    async def aread(self) -> bytes:
        """The whole body. It may be called again."""
        if self._whole is None:
            self._whole = b"".join([chunk async for chunk in self.aiter_bytes()])
            await self.aclose()
        return self._whole

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        """The chunks of the body as they arrive. Raises the exception of the application, if the body has not ended."""
        while True:
            await self.until(lambda: self._chunks or self._body_ended or self.done)
            if self._chunks:
                chunk = self._chunks.popleft()
                self.changed()
                yield chunk
            elif self._body_ended:
                return
            else:
                raise self.take_error() or ConnectionError("the response has ended in the middle")

    async def aclose(self) -> None:
        """Disconnect, and wait until the application has ended."""
        self._disconnected = True
        self.changed()
        await self.end_after_disconnect()
        body, self._body = self._body, None
        if body is not None:
            await body.aclose()


def _headers_of(message: Message) -> Pairs:
    return [
        (bytes(name).decode("latin-1").lower(), bytes(value).decode("latin-1"))
        for name, value in message.get("headers", ())
    ]


async def _chunks_of(body: bytes | Iterable[bytes] | AsyncIterable[bytes] | None) -> AsyncGenerator[bytes, None]:
    """The chunks of a request body that are not empty."""
    if isinstance(body, AsyncIterable):
        try:
            async for chunk in body:
                if chunk:
                    yield chunk
        finally:
            await close_chunks(body)
    elif isinstance(body, bytes):
        if body:
            yield body
    else:
        for chunk in body or ():
            if chunk:
                yield chunk

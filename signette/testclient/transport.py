"""httpx transports that send requests to an ASGI application."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack

import anyio
from anyio.abc import TaskGroup
from anyio.from_thread import BlockingPortal

from signette.testclient._httpx import httpx
from signette.testclient.exchange import Exchange, async_body_of, body_of
from signette.testclient.target import SOCKET, Target
from signette.testclient.websocket import AsyncWebSocketTestSession, WebSocketTestSession

PortalFactory = Callable[[], AbstractContextManager[BlockingPortal]]


class PortalTransport(httpx.BaseTransport):
    """Runs each request in the event loop of a portal, in another thread."""

    def __init__(self, target: Target, portal_factory: PortalFactory) -> None:
        self.target = target
        self.portal_factory = portal_factory
        self.open_bodies: set[PortalBody] = set()
        self.open_sessions: dict[WebSocketTestSession, Callable[[], object]] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if SOCKET in request.extensions:
            session = WebSocketTestSession(self.target, request, self.portal_factory, self.open_sessions)
            return httpx.Response(101, extensions={SOCKET: session})
        exchange = Exchange(self.target, request, body_of(request))
        with ExitStack() as stack:
            portal = stack.enter_context(self.portal_factory())
            try:
                portal.start_task_soon(exchange.run)
                portal.call(exchange.until_started)
                if exchange.body_error is not None:
                    portal.call(exchange.finish)
            except BaseException:  # an interrupt must not wait for the application
                portal.start_task_soon(exchange.cancel)
                raise
            status = status_of(exchange, self.target)
            body = PortalBody(exchange, self.target, portal, stack.pop_all(), self.open_bodies)
        body.response = respond(status, exchange, body)
        return body.response

    def close_connections(self) -> None:
        """Close the responses and WebSockets that the test has not closed. Does not wait for background tasks."""
        bodies, sessions = tuple(self.open_bodies), tuple(self.open_sessions)
        # All at once, as each may take `DISCONNECT_SECONDS`.
        for body in bodies:
            body.disconnect()
        for disconnect in self.open_sessions.values():
            disconnect()
        with ExitStack() as stack:
            for body in bodies:
                stack.callback(body.leave)
            for session in sessions:
                stack.callback(session.__exit__, None, None, None)


class PortalBody(httpx.SyncByteStream):
    """The body of a response, received from the application chunk by chunk."""

    def __init__(
        self,
        exchange: Exchange,
        target: Target,
        portal: BlockingPortal,
        stack: ExitStack,
        open_bodies: "set[PortalBody]",
    ) -> None:
        self._exchange = exchange
        self._target = target
        self._portal = portal
        self._stack = stack
        self.response: httpx.Response | None = None
        self._open_bodies = open_bodies
        open_bodies.add(self)

    def __iter__(self) -> Iterator[bytes]:
        exchange = self._exchange
        while True:
            # No need to enter the event loop once the application has ended.
            chunk = exchange.take_chunk() if exchange.done else self._portal.call(exchange.next_chunk)
            if chunk is None:
                break
            yield chunk

    def disconnect(self) -> None:
        """Disconnect, without waiting for the application."""
        self._portal.start_task_soon(self._exchange.leave)

    def close(self) -> None:
        self._end(self._exchange.finish)

    def leave(self) -> None:
        self._end(self._exchange.leave)

    def _end(self, end: Callable[[], Awaitable[None]]) -> None:
        if self not in self._open_bodies:
            return
        self._open_bodies.discard(self)
        with self._stack:
            if not self._exchange.done:
                self._portal.call(end)
        end_response(self.response, self._exchange, self._target)


class LoopTransport(httpx.AsyncBaseTransport):
    """Runs each request in the running event loop: in `task_group` if it is set, else without streaming."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.task_group: TaskGroup | None = None
        self.open_bodies: set[LoopBody] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if SOCKET in request.extensions:
            session = AsyncWebSocketTestSession(self.target, request)
            return httpx.Response(101, extensions={SOCKET: session})
        exchange = Exchange(self.target, request, await async_body_of(request))
        if self.task_group is None:
            return await self._respond_complete(exchange)
        self.task_group.start_soon(exchange.run)
        try:
            await exchange.until_started()
            if exchange.body_error is not None:
                await exchange.finish()
        except BaseException:  # the test was cancelled
            await exchange.abort()
            raise
        status = status_of(exchange, self.target)
        body = LoopBody(exchange, self.target, self.open_bodies)
        body.response = respond(status, exchange, body)
        return body.response

    async def _respond_complete(self, exchange: Exchange) -> httpx.Response:
        chunks = []
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(exchange.run)
            await exchange.until_started()
            while (chunk := await exchange.next_chunk()) is not None:
                chunks.append(chunk)
            await exchange.finish()
        return respond(status_of(exchange, self.target), exchange, httpx.ByteStream(b"".join(chunks)))

    async def close_bodies(self) -> None:
        """Close the responses that the test has not closed. Does not wait for their background tasks."""
        bodies = tuple(self.open_bodies)
        async with anyio.create_task_group() as tasks:  # all at once, as each may take `DISCONNECT_SECONDS`
            for body in bodies:
                tasks.start_soon(body.disconnect)
        for body in bodies:
            await body.leave()


class LoopBody(httpx.AsyncByteStream):
    """The body of a response, received from the application chunk by chunk."""

    def __init__(self, exchange: Exchange, target: Target, open_bodies: "set[LoopBody]") -> None:
        self._exchange = exchange
        self._target = target
        self.response: httpx.Response | None = None
        self._open_bodies = open_bodies
        open_bodies.add(self)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (chunk := await self._exchange.next_chunk()) is not None:
            yield chunk

    async def disconnect(self) -> None:
        """Disconnect, and wait until the application ends. Does not raise its exception."""
        await self._exchange.leave()

    async def aclose(self) -> None:
        await self._end(self._exchange.finish)

    async def leave(self) -> None:
        await self._end(self._exchange.leave)

    async def _end(self, end: Callable[[], Awaitable[None]]) -> None:
        if self not in self._open_bodies:
            return
        self._open_bodies.discard(self)
        try:
            await end()
        except BaseException:  # the test was cancelled
            await self._exchange.abort()
            raise
        end_response(self.response, self._exchange, self._target)


def status_of(exchange: Exchange, target: Target) -> int:
    """The status of the response. Raises the exception of the application, see `raise_error`."""
    raise_error(exchange, target)
    if exchange.status is None:
        assert not target.raise_server_exceptions, "TestClient did not receive any response."
        return 500
    return exchange.status


def respond(status: int, exchange: Exchange, body: httpx.SyncByteStream | httpx.AsyncByteStream) -> httpx.Response:
    response = httpx.Response(status, headers=exchange.headers, stream=body)
    add_extensions(response, exchange)
    return response


def end_response(response: httpx.Response | None, exchange: Exchange, target: Target) -> None:
    """Add trailers and debug information, and raise the exception of the application, see `raise_error`."""
    if response is not None:
        add_extensions(response, exchange)
    raise_error(exchange, target)


def raise_error(exchange: Exchange, target: Target) -> None:
    if exchange.body_error is not None:
        body_error, exchange.body_error = exchange.body_error, None
        raise body_error
    error = exchange.take_error()
    # Only an `Exception` may become a 500: `SystemExit` or the exception of `pytest.fail` is always raised.
    if error is not None and (target.raise_server_exceptions or not isinstance(error, Exception)):
        raise error


def add_extensions(response: httpx.Response, exchange: Exchange) -> None:
    if exchange.trailers is not None:
        response.extensions["http.response.trailers"] = exchange.trailers
    elif exchange.trailers_announced and exchange.done:
        response.extensions["http.response.trailers"] = []
    if exchange.debug is not None:
        response.extensions["http.response.debug"] = exchange.debug
        vars(response).update({key: exchange.debug[key] for key in ("template", "context") if key in exchange.debug})

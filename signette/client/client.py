"""`Client`: operations of an application, without `async`."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from anyio import fail_after, to_thread
from anyio.from_thread import BlockingPortal, start_blocking_portal

from signette.client.asgi import ASGITransport
from signette.client.asgi_sockets import ASGIConnection
from signette.client.async_client import BASE_URL
from signette.client.named import ByName, operations_in
from signette.client.runtime.auth import Auth
from signette.client.runtime.calls import BlockingCalls
from signette.client.runtime.events import Reconnect
from signette.client.runtime.http import BlockingHTTPTransport
from signette.client.runtime.options import changed_options, client_options
from signette.client.runtime.retries import Retries
from signette.client.runtime.sockets import BlockingConnection, Frame
from signette.client.runtime.transport import BlockingReceived, BlockingTransport, Pairs, Received, Sent, close_chunks
from signette.client.runtime.uploads import STREAMED_BODIES
from signette.client.runtimes import BLOCKING_MAKERS, result_options, sending_of


class Client(ByName):
    """Calls the operations of an application: `client.create_order(order=order)`.

    As `AsyncClient`, for code without `async`. Without `base_url` the application runs in an event loop in another
    thread, inside `with`.

    Args:
        app: The application whose operations are called, or the result of `operations_of(app)`.
        base_url: The URL of a running application, with the path that it is below.
        auth: Credentials, such as `Bearer("...")`, or a mapping of the names of security schemes to them.
        headers: Headers of all requests.
        retries: How often safe and idempotent requests are sent, a number or `Retries(...)`; needs stamina. By default
            once.
        reconnect: When streams of events connect again, as `Reconnect(...)`.
        timeout: Seconds for a call. Over HTTP: for connecting, and for each wait for bytes.
        transport: Carries requests in place of HTTP, such as a `BlockingHTTPTransport` with your own `httpx2.Client`.
    """

    def __init__(
        self,
        app: Any,
        base_url: str | None = None,
        *,
        auth: Auth | None = None,
        headers: Mapping[str, str] | None = None,
        retries: Retries | int | None = None,
        reconnect: Reconnect | None = None,
        timeout: float | None = None,
        transport: BlockingTransport | None = None,
    ) -> None:
        self._operations = operations_in(app)
        self._app = app
        if transport is None:
            transport = BlockingASGITransport(app) if base_url is None else BlockingHTTPTransport(base_url)
        elif base_url is not None:
            raise TypeError("pass `base_url` or `transport`, and not both: the transport has the URL")
        self._transport = transport
        self._options = client_options(
            auth=auth, headers=headers, retries=retries, reconnect=reconnect, timeout=timeout
        )
        self._calls = self._made_calls()

    def __enter__(self) -> Self:
        if isinstance(self._transport, BlockingASGITransport):
            self._transport.open(runs_lifespan=not getattr(self._app, "has_started", False))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. In process: shut the application down."""
        self._transport.close()

    def with_options(self, **options: Any) -> Self:
        """The same client with other options, over the same transport: `auth`, `headers`, `retries`, ...

        Headers are added to those of the client.

        Raises:
            TypeError: there is no such option, or it has another type.
            ValueError: an option has a value that no request can have.
        """
        found = changed_options(self._options, options)
        changed = object.__new__(type(self))
        vars(changed).update(_operations=self._operations, _app=self._app, _transport=self._transport)
        changed._options = found
        changed._calls = changed._made_calls()
        changed._calls.prepared.share(self._calls.prepared)
        return changed

    def _made_calls(self) -> BlockingCalls:
        options = self._options
        return BlockingCalls(
            self._transport,
            headers=options["headers"],
            timeout=options["timeout"],
            sending=sending_of(self._operations.all, options["auth"], options["retries"]),
            makers=BLOCKING_MAKERS,
            writers=STREAMED_BODIES,
            options=result_options(options["reconnect"]),
        )


class BlockingASGITransport:
    """Carries requests to an application in an event loop in another thread."""

    def __init__(self, app: Any) -> None:
        if not callable(app):
            raise TypeError("operations without their application need a `base_url`")
        self._transport = ASGITransport(app, BASE_URL)
        self._portal: BlockingPortal | None = None
        self._stack: ExitStack | None = None

    def open(self, *, runs_lifespan: bool) -> None:
        """Start the event loop, and the lifespan of the application. Raises the exception of the lifespan."""
        with ExitStack() as stack:
            portal = stack.enter_context(start_blocking_portal())
            portal.call(lambda: self._transport.open(runs_lifespan=runs_lifespan))
            stack.callback(portal.call, self._transport.aclose)
            self._portal = portal
            self._stack = stack.pop_all()

    def close(self) -> None:
        """Shut the application down, and end the event loop."""
        stack, self._stack, self._portal = self._stack, None, None
        if stack is not None:
            stack.close()

    def send(self, sent: Sent) -> BlockingReceived:
        """Call the application.

        Raises the exception of the application, if it has sent no response.
        """
        if self._portal is None:
            raise RuntimeError("open the client to call the application in this process: `with Client(app) as client`")
        if isinstance(sent.body, AsyncIterable):
            raise TypeError("a client without `async` cannot read an asynchronous iterator")
        if sent.body is not None and not isinstance(sent.body, bytes):
            sent = replace(sent, body=_read_in_threads(sent.body))
        return _Blocking(self._portal, self._portal.call(self._transport.send, sent))

    @contextmanager
    def open_socket(self, sent: Sent, subprotocols: Sequence[str]) -> Iterator[BlockingConnection]:
        """Open a WebSocket. Raises SocketRejected, or the exception of the application."""
        if self._portal is None:
            raise RuntimeError("open the client to call the application in this process: `with Client(app) as client`")
        opening = self._portal.wrap_async_context_manager(self._transport.open_socket(sent, subprotocols))
        with opening as connection:
            yield _BlockingSocket(self._portal, connection)


async def _read_in_threads(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    """The chunks of an iterable that may block."""
    iterator = iter(chunks)
    while (chunk := await to_thread.run_sync(next, iterator, None)) is not None:
        yield chunk


class _BlockingSocket:
    """A WebSocket that another thread serves."""

    def __init__(self, portal: BlockingPortal, connection: ASGIConnection) -> None:
        self._portal = portal
        self._connection = connection

    @property
    def subprotocol(self) -> str | None:
        return self._connection.subprotocol

    def send(self, frame: Frame) -> None:
        self._portal.call(self._connection.send, frame)

    def receive(self, timeout: float | None) -> Frame:
        async def receive() -> Frame:
            with fail_after(timeout):
                return await self._connection.receive()

        return self._portal.call(receive)

    def close(self, code: int, reason: str) -> None:
        self._portal.call(self._connection.close, code, reason)


class _Blocking:
    """A response that another thread reads."""

    def __init__(self, portal: BlockingPortal, received: Received) -> None:
        self._portal = portal
        self._received = received
        self._chunks: Any = None
        self.error = getattr(received, "error", None)

    @property
    def status(self) -> int:
        return self._received.status

    @property
    def headers(self) -> Pairs:
        return self._received.headers

    def read(self) -> bytes:
        return self._portal.call(self._received.aread)

    def iter_bytes(self) -> Iterator[bytes]:
        self._chunks = self._received.aiter_bytes()
        while (chunk := self._portal.call(_next, self._chunks)) is not None:
            yield chunk

    def close(self) -> None:
        self._portal.call(close_chunks, self._chunks)
        self._portal.call(self._received.aclose)


async def _next(chunks: Any) -> bytes | None:
    found: bytes | None = await anext(chunks, None)
    return found

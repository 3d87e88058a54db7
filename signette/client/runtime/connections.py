"""Connections of WebSockets over a network, by `websockets`: on asyncio, on trio, and without an event loop."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from signette.client.runtime.sockets import BlockingConnection, Connection, Frame, SocketClosed, SocketRejected
from signette.client.runtime.transport import Pairs


@asynccontextmanager
async def open_socket(
    url: str,
    headers: Pairs,
    *,
    subprotocols: Sequence[str] | None = None,
    open_timeout: float | None = 10,
    max_bytes: int | None = 1024 * 1024,
) -> AsyncIterator[Connection]:
    """A connection to a `ws:` or `wss:` URL, on the event loop that runs: asyncio or trio.

    Raises:
        SocketRejected: the application has not accepted it.
        ImportError: `websockets` is not installed.
    """
    connect = _connect_of("trio" if _is_trio() else "asyncio")
    async with _opened(
        connect(
            url, additional_headers=headers, subprotocols=subprotocols, open_timeout=open_timeout, max_size=max_bytes,
        )
    ) as connection:  # fmt: skip
        yield connection


@asynccontextmanager
async def _opened(connecting: Any) -> AsyncIterator[Connection]:
    from websockets.exceptions import InvalidStatus  # noqa: PLC0415 - optional

    try:
        connection = await connecting.__aenter__()
    except InvalidStatus as exc:
        raise _rejected(exc.response) from None
    try:
        yield _NetworkConnection(connection)
    finally:
        await connecting.__aexit__(None, None, None)


@contextmanager
def open_blocking_socket(
    url: str,
    headers: Pairs,
    *,
    subprotocols: Sequence[str] | None = None,
    open_timeout: float | None = 10,
    max_bytes: int | None = 1024 * 1024,
) -> Iterator[BlockingConnection]:
    """The same, without `async`."""
    connect = _connect_of("sync")
    from websockets.exceptions import InvalidStatus  # noqa: PLC0415 - optional

    try:
        connection = connect(
            url, additional_headers=headers, subprotocols=subprotocols, open_timeout=open_timeout, max_size=max_bytes,
        )  # fmt: skip
    except InvalidStatus as exc:
        raise _rejected(exc.response) from None
    with connection:
        yield _BlockingNetworkConnection(connection)


class _NetworkConnection:
    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._closed = _closed_exception()

    @property
    def subprotocol(self) -> str | None:
        found: str | None = self._connection.subprotocol
        return found

    async def send(self, frame: Frame) -> None:
        try:
            await self._connection.send(frame)
        except self._closed as exc:
            raise _closed_by(exc) from None

    async def receive(self) -> Frame:
        try:
            frame: Frame = await self._connection.recv()
        except self._closed as exc:
            raise _closed_by(exc) from None
        return frame

    async def close(self, code: int, reason: str) -> None:
        # On trio its name is that of trio's other resources.
        close = getattr(self._connection, "aclose", None) or self._connection.close
        await close(code, reason)


class _BlockingNetworkConnection:
    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._closed = _closed_exception()

    @property
    def subprotocol(self) -> str | None:
        found: str | None = self._connection.subprotocol
        return found

    def send(self, frame: Frame) -> None:
        try:
            self._connection.send(frame)
        except self._closed as exc:
            raise _closed_by(exc) from None

    def receive(self, timeout: float | None) -> Frame:
        try:
            frame: Frame = self._connection.recv(timeout)
        except self._closed as exc:
            raise _closed_by(exc) from None
        return frame

    def close(self, code: int, reason: str) -> None:
        self._connection.close(code, reason)


def _connect_of(kind: str) -> Any:
    """The function `connect` of `websockets`, for an event loop or for none."""
    connect: Any
    try:
        if kind == "trio":
            from websockets.trio.client import connect  # noqa: PLC0415 - optional
        elif kind == "sync":
            from websockets.sync.client import connect  # noqa: PLC0415
        else:
            from websockets.asyncio.client import connect  # noqa: PLC0415
    except ImportError as exc:
        raise ImportError("WebSockets over a network need `websockets`: pip install websockets") from exc
    return connect


def _is_trio() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return True
    return False


def _closed_exception() -> type[Exception]:
    from websockets.exceptions import ConnectionClosed  # noqa: PLC0415 - optional

    closed: type[Exception] = ConnectionClosed
    return closed


def _closed_by(exc: Any) -> SocketClosed:
    close = exc.rcvd or exc.sent
    return SocketClosed(1006) if close is None else SocketClosed(int(close.code), close.reason)


def _rejected(response: Any) -> SocketRejected:
    headers = [(name.lower(), value) for name, value in response.headers.raw_items()]
    return SocketRejected(response.status_code, headers, bytes(response.body or b""))

"""Calls that open a WebSocket."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from typing import Any

from signette.client.runtime.calls import AsyncCall, BlockingCall
from signette.client.runtime.connections import open_blocking_socket, open_socket
from signette.client.runtime.sockets import (
    AsyncSocket,
    BlockingConnection,
    BlockingSocket,
    Connection,
    MessageTypes,
    SocketRejected,
)
from signette.client.runtime.spec import OperationSpec, SocketSpec
from signette.client.runtime.transport import Sent


def async_socket(call: AsyncCall) -> AsyncSocket[Any, Any]:
    """A WebSocket with typed messages."""
    return AsyncSocket(_accepted(call), MessageTypes(_socket_of(call.operation), call.operation.name))


def blocking_socket(call: BlockingCall) -> BlockingSocket[Any, Any]:
    """A WebSocket with typed messages, without `async`."""
    return BlockingSocket(_accepted_blocking(call), MessageTypes(_socket_of(call.operation), call.operation.name))


def _socket_of(operation: OperationSpec) -> SocketSpec:
    return operation.socket or SocketSpec()


def _subprotocols(operation: OperationSpec) -> list[str]:
    subprotocol = _socket_of(operation).subprotocol
    return [subprotocol] if subprotocol else []


@asynccontextmanager
async def _accepted(call: AsyncCall) -> AsyncIterator[Connection]:
    sent = await call.authenticated()
    # A transport in process has its own way; over HTTP the URL is enough.
    transport: Any = call.calls.transport
    connect = getattr(transport, "open_socket", None)
    subprotocols = _subprotocols(call.operation)
    opening = (
        connect(sent, subprotocols)
        if connect is not None
        else open_socket(socket_url(transport.base_url, sent), sent.headers, subprotocols=subprotocols or None)
    )
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(opening)
        except SocketRejected as rejected:
            raise call.error_of(rejected.status, rejected.headers, rejected.body) from rejected
        yield connection


@contextmanager
def _accepted_blocking(call: BlockingCall) -> Iterator[BlockingConnection]:
    sent = call.authenticated()
    transport: Any = call.calls.transport
    connect = getattr(transport, "open_socket", None)
    subprotocols = _subprotocols(call.operation)
    opening = (
        connect(sent, subprotocols)
        if connect is not None
        else open_blocking_socket(socket_url(transport.base_url, sent), sent.headers, subprotocols=subprotocols or None)
    )
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(opening)
        except SocketRejected as rejected:
            raise call.error_of(rejected.status, rejected.headers, rejected.body) from rejected
        yield connection


def socket_url(base_url: str, sent: Sent) -> str:
    """The `ws:` or `wss:` URL of a request."""
    return f"ws{base_url.removeprefix('http')}{sent.url}"

"""WebSockets in process: frames become ASGI messages, without a socket."""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from anyio.abc import TaskGroup

from signette._app_tasks.task import AppTask, ClientDisconnectedError
from signette.client.runtime.sockets import Frame, SocketClosed, SocketRejected
from signette.client.runtime.transport import Pairs
from signette.types import ASGIApp, Message, Scope

INTERNAL_ERROR = 1011
MOST_FRAMES = 16
"""The number of frames that wait in each direction, as in the buffers of a network."""


@asynccontextmanager
async def asgi_socket(
    app: ASGIApp, scope: Scope, tasks: TaskGroup, subprotocols: Sequence[str] = ()
) -> AsyncIterator["ASGIConnection"]:
    """A connection to an application, which runs as a task of the group.

    Raises:
        SocketRejected: the application has not accepted it.
    """
    schemes = {"http": "ws", "https": "wss"}
    connection = ASGIConnection(
        app,
        {
            **{key: value for key, value in scope.items() if key != "method"},
            "type": "websocket",
            "scheme": schemes.get(scope["scheme"], scope["scheme"]),
            "subprotocols": list(subprotocols),
            "extensions": {"websocket.http.response": {}},
        },
    )
    tasks.start_soon(connection.task.run)
    try:
        await connection.until_accepted()
        yield connection
    except BaseException:
        await connection.close(1000, "")
        raise
    await connection.close(1000, "")
    error = connection.task.take_error()
    if error is not None:
        raise error


class ASGIConnection:
    """The frames of a WebSocket, as a client sees them."""

    def __init__(self, app: ASGIApp, scope: Scope) -> None:
        self.task = SocketTask(app, scope)

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the application has chosen."""
        return self.task.subprotocol

    async def until_accepted(self) -> None:
        """Wait until the application accepts the WebSocket. Raises SocketRejected, or its exception."""
        task = self.task
        try:
            await task.until(lambda: task.is_accepted or task.closed or task.is_denied or task.done)
        except BaseException:
            await task.abort()
            raise
        if task.is_accepted:
            return
        if task.is_denied:
            raise SocketRejected(task.status, task.headers, task.body)
        if task.closed is not None:
            raise SocketRejected(403, [], b"")  # what servers send for a close before the accept
        raise task.take_error() or RuntimeError("the application has not accepted the WebSocket")

    async def send(self, frame: Frame) -> None:
        """Send a frame, and wait while the application is far behind. Raises SocketClosed."""
        task = self.task
        await task.until(lambda: len(task.incoming) < MOST_FRAMES or task.has_ended)
        if task.has_ended:
            raise await self._end()
        key = "text" if isinstance(frame, str) else "bytes"
        task.incoming.append({"type": "websocket.receive", key: frame})
        task.changed()

    async def receive(self) -> Frame:
        """The next frame. Raises SocketClosed after the last one, or the exception of the application."""
        task = self.task
        await task.until(lambda: task.frames or task.has_ended)
        if task.frames:
            frame = task.frames.popleft()
            task.changed()
            return frame
        raise await self._end()

    async def close(self, code: int, reason: str) -> None:
        """Close the WebSocket, and wait until the application has ended."""
        task = self.task
        if task.left is None:
            task.left = {"type": "websocket.disconnect", "code": code, "reason": reason}
            task.changed()
        await task.end_after_disconnect()

    async def _end(self) -> BaseException:
        """What ends the WebSocket."""
        task = self.task
        if task.closed is not None and task.closed.code == INTERNAL_ERROR:
            # An application closes it before its exception arrives here.
            await task.end_after_disconnect()
            return task.take_error() or task.closed
        if task.left is not None:
            return SocketClosed(task.left["code"], task.left["reason"])
        return task.closed or task.take_error() or SocketClosed(1006)


class SocketTask(AppTask):
    """Runs the application for a WebSocket."""

    __slots__ = (
        "body",
        "closed",
        "frames",
        "headers",
        "incoming",
        "is_accepted",
        "is_denied",
        "left",
        "status",
        "subprotocol",
    )

    def __init__(self, app: ASGIApp, scope: Scope) -> None:
        super().__init__(app, scope)
        self.subprotocol: str | None = None
        self.frames: deque[Frame] = deque()
        self.incoming: deque[Message] = deque([{"type": "websocket.connect"}])
        self.is_accepted = self.is_denied = False
        self.closed: SocketClosed | None = None
        """The application has closed it."""
        self.left: Message | None = None
        """The client has closed it."""
        self.status, self.body = 0, b""
        self.headers: Pairs = []

    @property
    def has_ended(self) -> bool:
        """Whether nothing more can be sent."""
        return self.closed is not None or self.left is not None or self.done

    async def receive(self) -> Message:
        """The next message of the client."""
        await self.until(lambda: self.incoming or self.left is not None)
        if self.incoming:
            message = self.incoming.popleft()
            self.changed()
            return message
        assert self.left is not None
        return self.left

    async def send(self, message: Message) -> None:
        """Keep a message, and wait while the client is far behind."""
        if self.left is not None:
            raise ClientDisconnectedError("The client has disconnected.")
        kind = message["type"]
        if kind == "websocket.accept":
            self.is_accepted, self.subprotocol = True, message.get("subprotocol")
        elif kind == "websocket.send":
            text = message.get("text")
            self.frames.append(bytes(message["bytes"]) if text is None else text)
        elif kind == "websocket.close":
            self.closed = SocketClosed(message.get("code") or 1000, message.get("reason") or "")
        elif kind == "websocket.http.response.start":
            self.status = message["status"]
            self.headers = [
                (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in message.get("headers", ())
            ]
        elif kind == "websocket.http.response.body":
            self.body += message.get("body", b"")
            self.is_denied = not message.get("more_body")
        self.changed()
        if kind == "websocket.send":
            await self.until(lambda: len(self.frames) < MOST_FRAMES or self.left is not None)

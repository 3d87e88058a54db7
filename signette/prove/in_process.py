"""An application that runs in this process: its lifespan, and requests by direct ASGI calls, without a socket.

A request waits `timeout` seconds for its response. A stream without an end is cut off: the client disconnects when
nothing has arrived for `IDLE` seconds, or when `MOST_BYTES` have arrived.
"""

from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

import anyio
import anyio.lowlevel
from anyio.abc import TaskStatus

from signette.prove.law import Exchange, Request
from signette.types import Message, Scope

IDLE = 0.25
MOST_BYTES = 512 * 1024
# What an application may take to end after its client has disconnected.
GRACE = 0.5
# What its background tasks may take.
BACKGROUND = 5.0
CLIENT = ("127.0.0.1", 50000)


class StartFailed(Exception):
    """The application did not start."""


class Running:
    """An application whose lifespan has started. `send` calls it, `stop` ends it."""

    def __init__(self, app: Any, *, host: str = "testserver", timeout: float = 5.0) -> None:
        self.app = app
        self.host = host
        self.timeout = timeout
        self.state: dict[str, Any] = {}
        self._stop = anyio.Event()

    async def serve(self, *, task_status: "TaskStatus[Running]") -> None:
        """Run the lifespan until `stop` is called. Reports itself as started when the application has."""
        lifespan = _Lifespan(self.state)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lifespan.run, self.app)
            await lifespan.started.wait()
            if lifespan.failure is None:
                task_status.started(self)
                await self._stop.wait()
                lifespan.ending.set()
            else:
                with anyio.move_on_after(GRACE):  # until the exception is raised, which says more than its traceback
                    await lifespan.ended.wait()
                tasks.cancel_scope.cancel()
        if lifespan.failure is not None:
            error = lifespan.error
            reason = lifespan.failure if error is None else f"{type(error).__name__}: {error}"
            raise StartFailed(f"the application did not start: {reason}") from error

    async def stop(self) -> None:
        """End the lifespan."""
        self._stop.set()

    async def send(self, request: Request, intent: Literal["valid", "invalid", "other"] = "other") -> Exchange:
        """The response of the application to a request. Never raises what the application raises."""
        call = _Call(request, self._scope(request))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call.run, self.app)
            await call.until_over(self.timeout)
            with anyio.move_on_after(BACKGROUND if call.complete else GRACE):
                await call.done.wait()
            tasks.cancel_scope.cancel()
        return Exchange(request, call.status, tuple(call.headers), call.body, call.complete, call.error, intent)

    def _scope(self, request: Request) -> Scope:
        path, _, query = request.target.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path.encode("ascii"),
            "query_string": query.encode("ascii"),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in self._headers(request)],
            "client": CLIENT,
            "server": (self.host.partition(":")[0], 80),
            "state": self.state.copy(),
            "extensions": {},
        }

    def _headers(self, request: Request) -> list[tuple[str, str]]:
        headers = list(request.headers)
        if request.header("host") is None:
            headers.insert(0, ("host", self.host))
        has_length = request.header("content-length") is not None
        if not has_length and not request.chunked and (request.body or request.method in {"POST", "PUT", "PATCH"}):
            headers.append(("content-length", str(len(request.body))))
        if request.chunked and request.header("transfer-encoding") is None:
            headers.append(("transfer-encoding", "chunked"))
        return headers


@dataclass
class _Call:
    """One request: the messages of its body, and those of the response."""

    request: Request
    scope: Scope
    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    error: BaseException | None = None
    complete: bool = False
    _chunks: list[bytes] = field(default_factory=list)
    _size: int = 0
    _sent: int = 0
    _over: anyio.Event = field(default_factory=anyio.Event)
    _moved: anyio.Event = field(default_factory=anyio.Event)
    done: anyio.Event = field(default_factory=anyio.Event)

    @property
    def body(self) -> bytes:
        return b"".join(self._chunks)

    async def run(self, app: Any) -> None:
        try:
            await app(self.scope, self.receive, self.send)
        except Exception as exc:  # noqa: BLE001 - it is a finding
            self.error = exc
        finally:
            self._over.set()
            self.done.set()

    async def until_over(self, seconds: float) -> None:
        """Wait until the response is complete, the application has ended, or the client has waited long enough."""
        with anyio.move_on_after(seconds):
            while self.status is None and not self._over.is_set():
                await self._next()
            while not self._over.is_set():
                self._moved = anyio.Event()
                with anyio.move_on_after(IDLE) as idle:
                    await self._next()
                if idle.cancelled_caught or self._size > MOST_BYTES:
                    break
        self._over.set()
        self._moved.set()

    async def _next(self) -> None:
        await self._moved.wait()
        self._moved = anyio.Event()

    async def receive(self) -> Message:
        parts = [self.request.body]
        if self.request.chunked:
            half = (len(self.request.body) + 1) // 2
            parts = [self.request.body[:half], self.request.body[half:]]
        if self._sent < len(parts):
            self._sent += 1
            return {"type": "http.request", "body": parts[self._sent - 1], "more_body": self._sent < len(parts)}
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if self._over.is_set() and not self.complete:
            raise OSError("the client has disconnected")
        if message["type"] == "http.response.start":
            self.status = message["status"]
            pairs = message.get("headers", ())
            self.headers = [(bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in pairs]
        elif message["type"] == "http.response.body":
            chunk = bytes(message.get("body", b""))
            self._size += len(chunk)
            if self.request.method != "HEAD":
                self._chunks.append(chunk)
            if not message.get("more_body", False):
                self.complete = True
                self._over.set()
        self._moved.set()
        await anyio.lowlevel.checkpoint()  # so that a stream without an end can be cut off


class _Lifespan:
    """The lifespan of an application. One without a lifespan has started at once."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.started = anyio.Event()
        self.ending = anyio.Event()
        self.ended = anyio.Event()
        self.failure: str | None = None
        self.error: BaseException | None = None
        self._state = state
        self._received = 0

    async def run(self, app: Any) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        try:
            await app(scope, self._receive, self._send)
        except Exception as exc:  # noqa: BLE001 - reported by `serve`
            if self._received:  # otherwise it has no lifespan
                self.failure, self.error = self.failure or f"{type(exc).__name__}: {exc}", _only(exc)
        finally:
            self.started.set()
            self.ended.set()

    async def _receive(self) -> Message:
        self._received += 1
        if self._received == 1:
            return {"type": "lifespan.startup"}
        await self.ending.wait()
        return {"type": "lifespan.shutdown"}

    async def _send(self, message: Message) -> None:
        if message["type"].endswith(".failed"):
            self.failure = message.get("message") or "no reason given"
        if message["type"].startswith("lifespan.startup"):
            self.started.set()


def _only(error: Exception) -> Exception:
    """The exception in groups of one: task groups make them."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error

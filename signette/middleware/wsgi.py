"""A WSGI application (PEP 3333) as an ASGI application.

Theory of operation. The WSGI application runs in one worker thread from its call to `close()`, and hands control to the
event loop where it reads a chunk of the request's body or sends a chunk of its response. Each waits for the other, so
that no more than a few pieces are in memory however slow a client is. A client that has not begun to send takes no
thread: the first chunk of a body, or its end, is received before one is asked for. Next to the thread a task listens on
`receive`, from the first read or the first chunk sent on, so that a disconnect is noticed while the response is sent,
also by servers whose `send` does not raise (before ASGI 2.4). A thread cannot be stopped; it gets the error at its next
read or write.

Clients that are slow later on do hold their threads. So each `WSGIMiddleware` has its own, and the endpoints of the
application around wait for none of them.
"""

import io
import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from typing import Any

import anyio
from anyio import from_thread
from anyio.lowlevel import checkpoint

from signette._per_loop import PerLoop
from signette.body import chunks_of, mark_body_lost
from signette.concurrency import run_alongside, run_limited
from signette.datastructures.headers import fields_of
from signette.exceptions import ClientDisconnect
from signette.middleware.handlers import log_disconnect
from signette.paths import get_route_path
from signette.responses.streaming import send_raises_on_disconnect, until_disconnect
from signette.responses.wire import encode_field
from signette.types import Message, Receive, Scope, Send

WSGIApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# What an application writes to `wsgi.errors` is logged whole, unless it is longer.
_LOG_CHARACTERS = 8192
# PEP 3333: these two have no prefix.
_PLAIN_NAMES = {"CONTENT_TYPE", "CONTENT_LENGTH"}
# As many as an application has by default (`Limits.worker_threads`), where none is around.
_THREADS = 40
_log = logging.getLogger("signette.wsgi")


def _make_limiter(scope: Scope) -> anyio.CapacityLimiter:
    around: anyio.CapacityLimiter | None = getattr(scope.get("app"), "limiter", None)
    return anyio.CapacityLimiter(_THREADS if around is None else around.total_tokens)


class WSGIMiddleware:
    """Runs a WSGI application, mounted or on its own: `Mount("/old", WSGIMiddleware(flask_app))`.

    It runs in its own worker threads, as many at once as the surrounding application has for its endpoints
    (`Limits.worker_threads`), 40 without one. Bodies pass in pieces, both ways. What it writes to `wsgi.errors`, and an
    error that it responds to with `exc_info`, goes to the log `signette.wsgi`. WebSockets are closed.
    """

    def __init__(self, app: WSGIApp) -> None:
        self.app = app
        self._limiters = PerLoop(_make_limiter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._respond(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000, "reason": ""})
        else:  # WSGI has nothing to start and nothing to stop
            for _ in range(2):
                await send({"type": (await receive())["type"] + ".complete"})

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        wire = _Wire(receive, send, send_raises=send_raises_on_disconnect(scope))
        call = _Call(wire)

        async def run() -> None:
            if _has_body(scope):
                await wire.receive_first()
            try:
                await run_limited(self._limiters.get(scope), call.run, self.app, scope)
            except CancelledError:
                await checkpoint()  # the thread's way to say that this task is cancelled; here it is again
                raise

        try:
            await run_alongside(run, wire.listen)
        except (ClientDisconnect, OSError):
            if not wire.left:
                raise
            log_disconnect(scope)
        except Exception:
            if _has_body(scope) or wire.listens:
                mark_body_lost(scope)
            raise
        finally:
            wire.close()


class _Wire:
    """The side of the event loop: pieces come and go."""

    __slots__ = ("_first", "_pieces", "_put", "_receive", "_send", "_send_raises", "_wanted", "failure", "left")

    def __init__(self, receive: Receive, send: Send, *, send_raises: bool) -> None:
        self._receive = receive
        self._send = send
        self._send_raises = send_raises
        self._first: Message | Exception | None = None
        self._wanted = anyio.Event()
        self._put, self._pieces = anyio.create_memory_object_stream[bytes](1)
        self.left = False
        self.failure: Exception | None = None

    @property
    def listens(self) -> bool:
        """Whether `listen` receives, as the thread has read or sent."""
        return self._wanted.is_set()

    async def receive_first(self) -> None:
        """Receive the first piece of the body, or its end. What goes wrong is raised where the body is read."""
        try:
            self._first = await self._receive()
        except Exception as exc:  # noqa: BLE001 - it may be over its bound, and that nobody wants it
            self._first = exc

    async def _receive_on(self) -> Message:
        first, self._first = self._first, None
        if isinstance(first, Exception):
            raise first
        return await self._receive() if first is None else first

    async def listen(self) -> None:
        """Receive the body; then wait until the client disconnects, if `send` would not raise."""
        await self._wanted.wait()
        with self._put:
            try:
                async for piece in chunks_of(self._receive_on):
                    await self._put.send(piece)
            except ClientDisconnect:
                self.left = True
                self.failure = ConnectionResetError("The client has left")
            except Exception as exc:  # noqa: BLE001 - raised where the body is read: it may be over its bound
                self.failure = exc
            except BaseException:
                self.close()  # before the stream is: a thread that reads must not take that for the end of the body
                raise
        if self.failure is None and not self._send_raises:
            await until_disconnect(self._receive)
            self.left = True
        await anyio.sleep_forever()

    def close(self) -> None:
        """Nothing more is to come or go. A native cancellation of asyncio does not wait for a thread that is at it."""
        self.left = True
        if self.failure is None:
            self.failure = ConnectionResetError("The request is over")
        self._put.close()
        self._pieces.close()

    async def next_piece(self) -> bytes:
        """The next piece of the body; b"" at its end. Raises what `receive` raised."""
        self._wanted.set()
        try:
            return await self._pieces.receive()
        except anyio.EndOfStream:
            if self.failure is not None:
                raise self.failure from None
            return b""

    async def send(self, messages: list[Message]) -> None:
        """Send messages. Raises ClientDisconnect: the client has left."""
        self._wanted.set()
        try:
            for message in messages:
                if self.left:
                    raise ClientDisconnect
                await self._send(message)
        except OSError as exc:
            self.left = True
            raise ClientDisconnect from exc


class _Call:
    """The side of the thread: one call of the application."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire
        self._start: Message | None = None
        self._has_started = False

    def run(self, app: WSGIApp, scope: Scope) -> None:
        """Call the application, send what it gives, and close that."""
        errors = _ErrorLog()
        pieces: Any = ()
        try:
            pieces = app(_environ(scope, _Input(self._wire), errors), self.start_response)
            for piece in pieces:
                if piece:  # PEP 3333: with an empty one it says that it has nothing yet
                    self.write(piece)
            self._send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            try:
                if hasattr(pieces, "close"):
                    pieces.close()
            finally:
                errors.flush()

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[..., None]:
        """What PEP 3333 calls so."""
        if exc_info is not None:
            try:
                if self._has_started:
                    raise exc_info[1].with_traceback(exc_info[2])
                _log.error("The WSGI application sends an error response: %s", status, exc_info=exc_info)
            finally:
                exc_info = None  # or its frames and this one would keep each other alive
        elif self._start is not None:
            raise RuntimeError("start_response() was called twice, the second time without `exc_info`.")
        code = status[:3]
        if not (code.isascii() and code.isdigit() and len(code) == 3 and status[3:4] in {"", " "}):
            raise ValueError(f"start_response() takes a status like '200 OK', not {status!r}.")
        fields = [encode_field(name, value) for name, value in headers]
        self._start = {"type": "http.response.start", "status": int(code), "headers": fields}
        return self.write

    def write(self, piece: bytes) -> None:
        """Send a piece of the body."""
        if not isinstance(piece, bytes):  # a server would find out behind a start that was sent
            raise TypeError(f"The body of a WSGI application is made of bytes, not {type(piece).__name__}: encode it.")
        self._send({"type": "http.response.body", "body": piece, "more_body": True})

    def _send(self, message: Message) -> None:
        if self._start is None:
            raise RuntimeError("The WSGI application gave a body before it called start_response().")
        if self._wire.left:
            raise ClientDisconnect
        messages = [message]
        if not self._has_started:
            if self._wire.failure is not None:
                raise self._wire.failure  # also if the application caught it: an oversized body is a 413
            self._has_started = True
            messages.insert(0, self._start)
        from_thread.run(self._wire.send, messages)


class _Input:
    """`wsgi.input`: the body, as much of it as is asked for."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire
        self._buffer = bytearray()
        self._ended = False

    def read(self, size: int | None = -1) -> bytes:
        """So many bytes, fewer at the end; all that is left without a size."""
        size = -1 if size is None else size
        while not self._ended and (size < 0 or len(self._buffer) < size):
            self._fill()
        return self._take(size)

    def readline(self, size: int | None = -1) -> bytes:
        """A line with its end, no more than `size` bytes of it; b"" at the end of the body."""
        size = -1 if size is None else size
        seen = 0
        while (end := self._buffer.find(b"\n", seen) + 1) == 0 and not self._ended:
            if 0 <= size <= len(self._buffer):
                break
            seen = len(self._buffer)
            self._fill()
        line = end or len(self._buffer)
        return self._take(line if size < 0 else min(line, size))

    def readlines(self, hint: int | None = -1) -> list[bytes]:
        """The lines that are left, or those that begin before `hint` bytes are read."""
        lines, size = [], 0
        for line in self:
            lines.append(line)
            size += len(line)
            if hint is not None and 0 < hint <= size:
                break
        return lines

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _fill(self) -> None:
        if self._wire.left and self._wire.failure is not None:
            raise self._wire.failure
        piece = from_thread.run(self._wire.next_piece)
        self._buffer += piece
        self._ended = not piece

    def _take(self, size: int) -> bytes:
        size = len(self._buffer) if size < 0 else size
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


class _ErrorLog(io.TextIOBase):
    """`wsgi.errors`: text for the log."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._size = 0

    def write(self, text: str) -> int:
        self._texts.append(text)
        self._size += len(text)
        if self._size > _LOG_CHARACTERS:
            self.flush()
        return len(text)

    def flush(self) -> None:
        text = "".join(self._texts).strip()
        self._texts.clear()
        self._size = 0
        if text:
            _log.error("%s", text)


def _environ(scope: Scope, body: _Input, errors: _ErrorLog) -> dict[str, Any]:
    """The scope as PEP 3333 has it: text is bytes read as Latin-1."""
    path = get_route_path(scope)
    host, port = scope.get("server") or ("localhost", 80)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": _native(scope.get("root_path", "").rstrip("/")),
        "PATH_INFO": _native(path),
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.input_terminated": True,  # it ends where the body does, also without a Content-Length
        "wsgi.errors": errors,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if client := scope.get("client"):
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = client[0], str(client[1])
    for name, value in fields_of(scope):
        # Of `x_user` and `x-user` CGI makes one name, by which a client could pass for the proxy in front; and what it
        # makes of `proxy` is a setting of other programs.
        if b"_" in name or name == b"proxy":
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        key = key if key in _PLAIN_NAMES else f"HTTP_{key}"
        text = value.decode("latin-1")
        if key in environ:
            text = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{text}"
        environ[key] = text
    return environ


def _has_body(scope: Scope) -> bool:
    """Whether the request says that it has a body (RFC 9112 §6.3), or need not say so (HTTP/2)."""
    if not scope.get("http_version", "1.1").startswith("1"):
        return True
    fields = dict(fields_of(scope))
    return b"transfer-encoding" in fields or fields.get(b"content-length", b"0").strip() != b"0"


def _native(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("latin-1")

"""Sends one request, or the messages of one WebSocket, to an ASGI application, on asyncio and on trio."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.lowlevel

Message = dict[str, Any]
CHUNK = 64 * 1024


@dataclass
class Reply:
    """What an application sent, and how much of the request body it had read when its response began."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    chunks_read: int = 0
    error: Exception | None = None

    def header(self, name: str) -> str:
        return ", ".join(value for each, value in self.headers if each == name)

    @property
    def media_type(self) -> str:
        return self.header("content-type").partition(";")[0]


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """The application between its start-up and its shutdown; one without a lifespan runs without."""
    to_app, app_receives = anyio.create_memory_object_stream[Message](2)
    app_sends, from_app = anyio.create_memory_object_stream[Message](4)

    async def run() -> None:
        try:
            scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
            await app(scope, app_receives.receive, app_sends.send)
        except Exception:  # noqa: BLE001 - ASGI: an application that raises here has no lifespan
            pass
        finally:
            app_sends.close()

    async def step(kind: str) -> None:
        await to_app.send({"type": f"lifespan.{kind}"})
        try:
            message = await from_app.receive()
        except anyio.EndOfStream:
            return
        if message["type"] == f"lifespan.{kind}.failed":
            raise RuntimeError(message.get("message"))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run)
        await step("startup")
        yield
        await step("shutdown")
        tasks.cancel_scope.cancel()
    for stream in (to_app, app_receives, app_sends, from_app):
        stream.close()


def scope_of(kind: str, target: str, headers: Mapping[str, str], **more: Any) -> Message:
    path, _, query = target.partition("?")
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "http" if kind == "http" else "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"example.org"), *((key.encode(), value.encode()) for key, value in headers.items())],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "state": {},
        **more,
    }


async def ask(
    app: Any, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b"", leave_at: int = 0
) -> Reply:
    """The response to one request. With `leave_at`, the client disconnects after that many chunks of the response."""
    headers = dict(headers or {})
    if body:
        headers |= {"content-length": str(len(body))}
        headers.setdefault("content-type", "application/json")
    parts = [body[start : start + CHUNK] for start in range(0, len(body), CHUNK)] or [b""]
    reply, sent, taken = Reply(), 0, 0
    done, left = anyio.Event(), anyio.Event()

    async def receive() -> Message:
        nonlocal taken
        if taken < len(parts):
            taken += 1
            return {"type": "http.request", "body": parts[taken - 1], "more_body": taken < len(parts)}
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal sent
        if message["type"] == "http.response.start":
            reply.status, reply.chunks_read = message["status"], taken
            reply.headers = [
                (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in message.get("headers", ())
            ]
        else:
            reply.body += message.get("body", b"")
            sent += 1
            if sent == leave_at or not (leave_at or message.get("more_body")):
                done.set()
        await anyio.lowlevel.checkpoint()

    async def leave() -> None:
        await done.wait()
        await anyio.wait_all_tasks_blocked()  # the application waits, as most streams do when their client leaves
        left.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(leave)
        try:
            await app(scope_of("http", target, headers, method=method), receive, send)
        except Exception as error:  # noqa: BLE001 - a server logs it; the client has the response, if one was sent
            reply.error = error
        tasks.cancel_scope.cancel()
    return reply


async def talk(app: Any, target: str, *texts: str) -> list[Message]:
    """All messages that an application sends to a WebSocket whose client sends some texts and leaves."""
    incoming: list[Message] = [{"type": "websocket.connect"}]
    incoming += [{"type": "websocket.receive", "text": text, "bytes": None} for text in texts]
    incoming.append({"type": "websocket.disconnect", "code": 1000})
    sent: list[Message] = []

    async def receive() -> Message:
        await anyio.lowlevel.checkpoint()
        return incoming.pop(0) if incoming else {"type": "websocket.disconnect", "code": 1000}

    async def send(message: Message) -> None:
        sent.append(message)

    try:
        extensions: Message = {"websocket.http.response": {}}
        await app(scope_of("websocket", target, {}, subprotocols=[], extensions=extensions), receive, send)
    except Exception as error:  # noqa: BLE001 - as above
        sent.append({"type": "error", "error": repr(error)})
    return sent

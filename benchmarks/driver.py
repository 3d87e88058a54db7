"""Calls an ASGI application without a server: its lifespan, one recorded request, or many timed ones.

Everything runs inside a real asyncio task, so that a contender which suspends (Litestar gathers dependencies
in a task group) is carried as by a server; one that never suspends goes through for a plain `await`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any

from benchmarks.contenders import Contender
from benchmarks.workloads import Scope, Workload

Message = dict[str, Any]


async def nothing(scope: Scope, receive: Any, send: Any) -> None:
    """An application that does no work: timing it gives the driver's own price."""


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """The application between its start-up and its shutdown."""
    to_app: asyncio.Queue[Message] = asyncio.Queue()
    from_app: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}

    async def run() -> None:
        try:
            await app(scope, to_app.get, from_app.put)
        except Exception:  # noqa: BLE001 - ASGI: an application that raises here has no lifespan
            pass
        finally:
            await from_app.put({"type": "ended"})

    async def step(kind: str) -> None:
        await to_app.put({"type": f"lifespan.{kind}"})
        message = await from_app.get()
        if message["type"] == f"lifespan.{kind}.failed":
            raise RuntimeError(f"{kind} failed: {message.get('message')}")

    task = asyncio.create_task(run())
    await step("startup")
    try:
        yield
    finally:
        if not task.done():
            await step("shutdown")
        await asyncio.wait([task])


async def ask(app: Any, scope: Scope, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the response to one request."""
    messages: list[Message] = []
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return pending.pop() if pending else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, send)
    if not messages:
        raise RuntimeError("no response was sent")
    start, *rest = messages
    pairs = start.get("headers", ())
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in pairs}
    return start["status"], headers, b"".join(message.get("body", b"") for message in rest)


async def verify(contender: Contender, workload: Workload) -> str | None:
    """Why the response of the contender is wrong, or None if it is right."""
    try:
        status, headers, body = await ask(contender.app, workload.scope(), workload.body)
    except Exception as error:  # noqa: BLE001 - reported in the table's notes
        return f"{type(error).__name__}: {error}"
    return workload.fault(status, headers, body, contender)


async def time_requests(app: Any, workload: Workload, count: int) -> float:
    """Seconds per request, on average over `count`; their scopes are made before the clock starts."""
    scopes = [workload.scope() for _ in range(count)]
    body = workload.body
    read = False

    async def receive() -> Message:
        nonlocal read
        if read:
            return {"type": "http.disconnect"}
        read = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        pass

    start = perf_counter()
    for scope in scopes:
        read = False
        await app(scope, receive, send)
    return (perf_counter() - start) / count

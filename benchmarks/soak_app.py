"""The application of the long run (`benchmarks.soak`): one endpoint for each kind of work, and one for its figures."""

import asyncio
import gc
import hashlib
import os
import resource
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from time import sleep
from typing import Annotated

from pydantic import BaseModel, Field

from signette import (
    App,
    BackgroundTasks,
    Created,
    Depends,
    Form,
    Header,
    Middleware,
    Query,
    Request,
    Socket,
    Stream,
    To,
    Upload,
    UploadFile,
)
from signette.middleware.gzip import GZipMiddleware
from signette.middleware.sessions import SessionMiddleware
from signette.responses import JSONResponse, ServerSentEvent

MOST_BYTES = 4 * 1024 * 1024
UPLOADS = Path(os.environ.get("SOAK_FOLDER", "build/soak"))
SECRET = "no secret: this application serves a test"


class User(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    age: Annotated[int, Field(ge=0, le=150)]
    tags: list[str] = []


class Login(BaseModel):
    username: str
    password: Annotated[str, Field(min_length=8)]
    remember: bool = False


class Reading(BaseModel):
    station: str
    value: float


class Say(BaseModel):
    text: str


class Line(BaseModel):
    text: str
    number: int


class Figures(BaseModel):
    """What this process holds now."""

    rss_bytes: int
    blocks: int
    objects: int
    descriptors: int
    threads: int
    tasks: int
    cpu_seconds: float


counts = {"opened": 0, "closed": 0, "background": 0}

app = App(
    title="Long run",
    max_body_size=MOST_BYTES,
    middleware=[Middleware(GZipMiddleware, minimum_size=1024), Middleware(SessionMiddleware, secret_key=SECRET)],
)


def connection() -> Iterator[dict[str, int]]:
    """A dependency that opens and closes something in a worker thread."""
    counts["opened"] += 1
    try:
        yield counts
    finally:
        counts["closed"] += 1


async def tenant(x_tenant: Annotated[str, Header()] = "main") -> str:
    return x_tenant


@app.get("/items/{item_id}")
async def read_item(
    item_id: int,
    tenant: Annotated[str, Depends(tenant)],
    q: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, int | str | None]:
    return {"item_id": item_id, "q": q, "limit": limit, "tenant": tenant}


@app.post("/users")
async def create_user(user: User) -> Created[User]:
    return Created(user)


@app.post("/login")
async def log_in(login: Annotated[Login, Form()]) -> dict[str, str]:
    return {"username": login.username}


@app.post("/files")
async def receive_file(title: Annotated[str, Form()], file: UploadFile) -> dict[str, str | int]:
    """An upload of more than a MiB is on disk here."""
    digest, size = hashlib.sha256(), 0
    while piece := await file.read(65536):
        digest.update(piece)
        size += len(piece)
    return {"title": title, "size": size, "sha256": digest.hexdigest()}


@app.post("/stored")
async def store_file(file: Annotated[Upload, To(UPLOADS)]) -> dict[str, int]:
    """An upload that goes to a file while it arrives."""
    assert file.path is not None
    await asyncio.to_thread(file.path.unlink)
    return {"size": file.size}


@app.post("/readings")
async def add_readings(readings: Stream[Reading]) -> dict[str, float]:
    total, count = 0.0, 0
    async for reading in readings:
        total += reading.value
        count += 1
    return {"count": count, "total": total}


@app.get("/readings")
async def list_readings(count: Annotated[int, Query(ge=1, le=10_000)] = 200) -> AsyncIterator[Reading]:
    for number in range(count):
        yield Reading(station=f"st-{number % 7}", value=number / 10)
        if number % 50 == 49:
            await asyncio.sleep(0.005)


@app.get("/events")
async def watch() -> AsyncIterator[ServerSentEvent]:
    """Events without an end: the client leaves."""
    number = 0
    while True:
        yield ServerSentEvent(data=f"event {number}", id=str(number))
        number += 1
        await asyncio.sleep(0.02)


@app.websocket("/chat")
async def chat(socket: Socket[Say, Line]) -> None:
    number = 0
    async for message in socket:
        await socket.send(Line(text=message.text, number=number))
        number += 1


@app.get("/report")
def make_report(opened: Annotated[dict[str, int], Depends(connection)]) -> dict[str, bool]:
    return {"open": opened["opened"] > opened["closed"]}


@app.get("/slow-report")
def make_slow_report(opened: Annotated[dict[str, int], Depends(connection)]) -> dict[str, bool]:
    """Holds a worker thread, so that many of these at once start as many threads as there will be."""
    sleep(0.2)
    return {"open": opened["opened"] > opened["closed"]}


async def note() -> None:
    await asyncio.sleep(0.01)
    counts["background"] += 1


def note_in_thread() -> None:
    counts["background"] += 1


@app.post("/notes", status_code=202)
async def add_note(tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(note)
    tasks.add_task(note_in_thread)
    return {"noted": True}


@app.get("/page")
async def read_page() -> str:
    """Text that the middleware compresses."""
    return PAGE


@app.get("/visits")
async def count_visits(request: Request) -> dict[str, int]:
    request.session["visits"] = visits = request.session.get("visits", 0) + 1
    return {"visits": visits}


@app.get("/fault")
async def fail() -> None:
    raise LookupError("this endpoint fails")


@app.exception_handler(LookupError)
async def report_fault(request: Request, error: LookupError) -> JSONResponse:
    return JSONResponse({"fault": str(error)}, status_code=500)


@app.get("/counts")
async def read_counts() -> dict[str, int]:
    return counts


@app.get("/figures")
async def read_figures() -> Figures:
    """Figures after a full collection: what is left is in use."""
    gc.collect()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return Figures(
        rss_bytes=resident_bytes(),
        blocks=sys.getallocatedblocks(),
        objects=len(gc.get_objects()),
        descriptors=len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - names are enough
        threads=threading.active_count(),
        tasks=len(asyncio.all_tasks()),
        cpu_seconds=usage.ru_utime + usage.ru_stime,
    )


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


PAGE = "".join(f"<li>{number}: what a page repeats, and what it does not: {number**5}</li>\n" for number in range(200))

"""Notes that all processes share: a counter in the store, events and a WebSocket over the bus."""

import os
import socket
from typing import Annotated

from pydantic import BaseModel, Field

from signette import Accepted, App, Channel, Middleware, Request, Topic, WebSocket
from signette.events import Events
from signette.health import Health
from signette.middleware.request_id import RequestIDMiddleware
from signette.state import Store


class Note(BaseModel):
    """A note, which all clients get."""

    text: str = Field(min_length=1, max_length=200)


class Visit(BaseModel):
    """A visit, counted over all processes, and the process that has counted it."""

    count: int
    process: str


Notes = Annotated[Channel[Note], Topic("notes")]

app = App(
    title="Notes",
    version="1.0.0",
    # The only setting that differs between one process and many.
    state=os.environ.get("STATE_URL", "memory://"),
    health=Health(timeout=1),
    middleware=[Middleware(RequestIDMiddleware)],
)


@app.post("/visits")
async def visit(request: Request) -> Visit:
    """Count a visit."""
    store = request.app.backend.store("visits")
    return Visit(count=await increment(store, "count"), process=f"{socket.gethostname()}-{os.getpid()}")


@app.post("/notes")
async def post_note(note: Note, notes: Notes) -> Accepted[Note]:
    """Send a note to all clients of all processes."""
    await notes.publish(note)
    return Accepted(note)


@app.get("/notes/events")
async def note_events(notes: Notes) -> Events[Note]:
    """The notes as server-sent events. A client that reconnects misses none."""
    return notes.subscribe()


@app.websocket("/notes/feed")
async def note_feed(websocket: WebSocket, notes: Notes) -> None:
    """The notes by a WebSocket."""
    await notes.forward(websocket)


async def increment(store: Store, key: str) -> int:
    """Add one to a number in the store, also if other processes do so at the same time."""
    while True:
        before = await store.get(key)
        if before is None:
            if await store.add(key, b"1"):
                return 1
        elif await store.replace(key, before, b"%d" % (int(before) + 1)):
            return int(before) + 1

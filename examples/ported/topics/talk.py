"""What goes on for longer: WebSockets, streams, lines of JSON, server-sent events."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Annotated

from pydantic import BaseModel

from signette import (
    App,
    Cookie,
    Depends,
    Query,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
    status,
)
from signette.responses import EventSourceResponse, ServerSentEvent, StreamingResponse

app = App(title="Talk")


async def settings() -> dict[str, str]:
    """Exchanged in tests."""
    return {"greeting": "hello"}


@app.get("/greeting")
async def greeting(settings: Annotated[dict[str, str], Depends(settings)]) -> dict[str, str]:
    return settings


@app.websocket("/echo")
async def echo(socket: WebSocket, settings: Annotated[dict[str, str], Depends(settings)]) -> None:
    await socket.accept()
    await socket.send_json(settings)
    try:
        while True:
            await socket.send_text("you said " + await socket.receive_text())
    except WebSocketDisconnect:
        return


async def allowed(session: Annotated[str | None, Cookie()] = None, token: Annotated[str | None, Query()] = None) -> str:
    if session is None and token is None:
        raise WebSocketException(code=status.WS_1008_POLICY_VIOLATION, reason="Who are you?")
    return session or token or ""


@app.websocket("/rooms/{room}/talk")
async def talk(socket: WebSocket, room: int, who: Annotated[str, Depends(allowed)], q: str | None = None) -> None:
    await socket.accept()
    await socket.send_json({"room": room, "who": who, "q": q})
    await socket.close(code=4000, reason="that is all")


class Manager:
    """Who is in the hall."""

    def __init__(self) -> None:
        self.present: list[WebSocket] = []

    async def enter(self, socket: WebSocket) -> None:
        await socket.accept()
        self.present.append(socket)

    async def tell(self, text: str) -> None:
        for socket in self.present:
            await socket.send_text(text)


manager = Manager()


@app.websocket("/hall/{name}")
async def hall(socket: WebSocket, name: str) -> None:
    await manager.enter(socket)
    try:
        while True:
            await manager.tell(f"{name}: {await socket.receive_text()}")
    except WebSocketDisconnect:
        manager.present.remove(socket)
        await manager.tell(f"{name} left")


@app.get("/letters", response_class=StreamingResponse)
async def letters(count: Annotated[int, Query(ge=0, le=9)] = 3) -> AsyncIterator[bytes]:
    for number in range(count):
        yield b"abcdefghi"[number : number + 1]


@app.get("/numbers")
def numbers() -> StreamingResponse:
    return StreamingResponse((f"{number}\n" for number in range(3)), media_type="text/csv")


class Reading(BaseModel):
    place: str
    degrees: float


READINGS = [Reading(place="roof", degrees=7.5), Reading(place="cellar", degrees=12)]


@app.get("/readings")
async def readings() -> AsyncIterable[Reading]:
    for reading in READINGS:
        yield reading


@app.get("/readings/sync")
def readings_sync() -> Iterable[Reading]:
    yield from READINGS


@app.get("/news", response_class=EventSourceResponse)
async def news() -> AsyncIterable[Reading]:
    for reading in READINGS:
        yield reading


@app.get("/events", response_class=EventSourceResponse)
async def events() -> AsyncIterable[ServerSentEvent]:
    yield ServerSentEvent(comment="the beginning")
    for number, reading in enumerate(READINGS):
        yield ServerSentEvent(data=reading, event="reading", id=str(number), retry=5000)

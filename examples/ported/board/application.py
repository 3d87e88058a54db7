"""The pages of the board, and what they need."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypedDict

from examples.ported.board.rooms import Room, Rooms
from examples.ported.board.sockets import Conversation, figures
from signette.applications import Application
from signette.exceptions import HTTPException
from signette.requests import Request
from signette.responses import JSONResponse, RedirectResponse, Response
from signette.routing import Mount, Route, WebSocketRoute
from signette.templating import Jinja2Templates

templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
templates.env.filters["count"] = lambda number, noun: f"{number} {noun}{'' if number == 1 else 's'}"


class State(TypedDict):
    rooms: Rooms


@asynccontextmanager
async def lifespan(_: Application) -> AsyncIterator[State]:
    rooms = Rooms()
    rooms.open("lobby")
    yield {"rooms": rooms}


def room_of(request: Request) -> Room:
    room = request.state.rooms.by_name.get(request.path_params["name"])
    if room is None:
        raise HTTPException(status_code=404, detail="There is no such room")
    return room  # type: ignore[no-any-return]


async def board(request: Request) -> Response:
    rooms = sorted(request.state.rooms.by_name.values(), key=lambda room: room.name)
    return templates.TemplateResponse(request, "board.html", {"rooms": rooms, "figures": request.state.rooms.figures()})


async def open_room(request: Request) -> Response:
    async with request.form(max_fields=1, max_files=0) as form:
        name = form.get("name")
    if not isinstance(name, str) or not name.isalnum() or len(name) > 20:
        raise HTTPException(status_code=400, detail="A room's name is of at most twenty letters and digits")
    request.state.rooms.open(name)
    return RedirectResponse(request.url_for("rooms:room", name=name), status_code=303)


async def room(request: Request) -> Response:
    return templates.TemplateResponse(request, "room.html", {"room": room_of(request)})


async def transcript(request: Request) -> Response:
    lines = [{"by": line.by, "text": line.text} for line in room_of(request).lines]
    return JSONResponse(lines, headers={"Cache-Control": "no-store"})


app = Application(
    lifespan=lifespan,
    routes=[
        Route("/", board, name="board"),
        Route("/", open_room, methods=["POST"]),
        Mount(
            "/rooms",
            name="rooms",
            routes=[
                Route("/{name}", room, name="room"),
                Route("/{name}/lines", transcript, name="transcript"),
                WebSocketRoute("/{name}/talk", Conversation, name="talk"),
            ],
        ),
        WebSocketRoute("/figures", figures, name="figures"),
    ],
)

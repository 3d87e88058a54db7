"""A typed WebSocket: messages of two types, with a heartbeat."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from signette import App, Socket
from signette.sockets import SocketOptions


class Say(BaseModel):
    kind: Literal["say"]
    text: str


class Leave(BaseModel):
    kind: Literal["leave"]


class Line(BaseModel):
    who: str
    text: str


Command = Annotated[Say | Leave, Field(discriminator="kind")]
Talk = Annotated[Socket[Command, Line], SocketOptions(on_invalid="problem", idle_timeout=60)]

app = App(openapi_url=None)


@app.websocket("/rooms/{room}")
async def talk(socket: Talk, room: int) -> None:
    async for command in socket:
        if isinstance(command, Leave):
            return
        await socket.send(Line(who=f"{room}", text=command.text))

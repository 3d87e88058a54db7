from typing import Annotated

from pydantic import BaseModel

from signette import App
from signette.sockets import Socket, SocketOptions


class Say(BaseModel):
    text: str


async def talk(socket: Annotated[Socket[Say, Say], SocketOptions(heartbeat=30)]) -> None: ...


def declare(app: App) -> None:
    app.websocket("/talk")(talk)

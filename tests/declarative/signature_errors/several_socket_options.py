from typing import Annotated

from pydantic import BaseModel

from signette import App
from signette.sockets import Socket, SocketOptions


class Say(BaseModel):
    text: str


Talk = Annotated[Socket[Say, Say], SocketOptions(idle_timeout=60), SocketOptions(send_timeout=5)]


async def talk(socket: Talk) -> None: ...


def declare(app: App) -> None:
    app.websocket("/talk")(talk)

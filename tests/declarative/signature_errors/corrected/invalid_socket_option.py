from typing import Annotated

from pydantic import BaseModel

from signette import App
from signette.sockets import Socket, SocketOptions


class Say(BaseModel):
    text: str


Beat = SocketOptions(heartbeat=30, heartbeat_message=Say(text="still here"))


async def talk(socket: Annotated[Socket[Say, Say], Beat]) -> None: ...


def declare(app: App) -> None:
    app.websocket("/talk")(talk)

from pydantic import BaseModel

from signette import App
from signette.sockets import Socket


class Say(BaseModel):
    text: str


async def talk(socket: Socket[bytes, Say]) -> None: ...


def declare(app: App) -> None:
    app.websocket("/talk")(talk)

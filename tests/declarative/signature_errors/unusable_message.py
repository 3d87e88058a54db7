from pydantic import BaseModel

from signette import App, UploadFile
from signette.sockets import Socket


class Say(BaseModel):
    text: str


async def talk(socket: Socket[UploadFile, Say]) -> None: ...


def declare(app: App) -> None:
    app.websocket("/talk")(talk)

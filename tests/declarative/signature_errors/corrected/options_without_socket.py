from typing import Annotated

from signette import App
from signette.sockets import Socket, SocketOptions


async def talk(socket: Annotated[Socket[str, str], SocketOptions(idle_timeout=60)]) -> None: ...


def declare(app: App) -> None:
    app.websocket("/talk")(talk)

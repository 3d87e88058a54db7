from typing import Annotated

from signette import App, WebSocket
from signette.sockets import SocketOptions


async def talk(socket: Annotated[WebSocket, SocketOptions(idle_timeout=60)]) -> None: ...


def declare(app: App) -> None:
    app.websocket("/talk")(talk)

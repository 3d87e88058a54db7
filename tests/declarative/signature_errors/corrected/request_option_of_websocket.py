from typing import Annotated

from signette import App, Socket
from signette.sockets import SocketOptions


async def talk(socket: Annotated[Socket[str, str], SocketOptions(max_message_bytes=1000)]) -> None: ...


def declare(app: App) -> None:
    app.websocket("/talk")(talk)

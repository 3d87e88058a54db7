"""A WebSocket: values of the connection, a dependency, and no body."""

from typing import Annotated

from signette import App, Depends, Query, WebSocket

app = App(openapi_url=None)


async def member(token: Annotated[str, Query(min_length=3)]) -> str:
    return token


@app.websocket("/rooms/{room}")
async def chat(socket: WebSocket, room: int, member: Annotated[str, Depends(member)]) -> None:
    await socket.accept()
    await socket.send_text(f"{member} in {room}")
    await socket.close()

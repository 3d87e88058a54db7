from collections.abc import AsyncIterator

from signette import App, WebSocket


async def ticks(socket: WebSocket) -> AsyncIterator[int]:
    await socket.accept()
    yield 1


def declare(app: App) -> None:
    app.websocket("/ticks")(ticks)

from signette import App, WebSocket


async def ticks(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json(1)


def declare(app: App) -> None:
    app.websocket("/ticks")(ticks)

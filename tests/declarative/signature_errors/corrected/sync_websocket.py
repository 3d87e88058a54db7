from signette import App, WebSocket


async def talk(socket: WebSocket) -> None: ...


def declare(app: App) -> None:
    app.websocket("/talk")(talk)

from signette import App, WebSocket


async def talk(socket: WebSocket) -> None: ...


def declare(app: App) -> None:
    app.websocket("/talk", response_model=str)(talk)

from signette import App, WebSocket


async def watch(socket: WebSocket) -> None: ...


def declare(app: App) -> None:
    app.websocket("/users")(watch)

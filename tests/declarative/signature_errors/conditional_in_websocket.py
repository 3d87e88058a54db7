from signette import App, Conditional, WebSocket


async def watch(socket: WebSocket, cond: Conditional) -> None: ...


def declare(app: App) -> None:
    app.websocket("/users")(watch)

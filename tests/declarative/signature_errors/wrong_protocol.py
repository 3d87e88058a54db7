from signette import App, WebSocket


async def item(socket: WebSocket) -> int:
    return 1


def declare(app: App) -> None:
    app.get("/item")(item)

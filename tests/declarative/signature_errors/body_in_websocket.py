from signette import App, WebSocket


async def chat(socket: WebSocket, hello: dict[str, str]) -> None: ...


def declare(app: App) -> None:
    app.websocket("/chat")(chat)

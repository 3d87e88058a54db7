from signette import App, WebSocket


async def chat(socket: WebSocket) -> None:
    await socket.accept(headers=[(b"set-cookie", b"seen=yes")])


def declare(app: App) -> None:
    app.websocket("/chat")(chat)

from signette import App, WebSocket


async def chat(socket: WebSocket) -> None:
    await socket.accept()
    hello = await socket.receive_json()
    await socket.send_json(hello)


def declare(app: App) -> None:
    app.websocket("/chat")(chat)

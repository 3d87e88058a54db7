from signette import App, Response, WebSocket


async def chat(socket: WebSocket, response: Response) -> None:
    response.set_cookie("seen", "yes")
    await socket.accept()


def declare(app: App) -> None:
    app.websocket("/chat")(chat)

from signette import App, WebSocket


def talk(socket: WebSocket) -> None: ...


def declare(app: App) -> None:
    app.websocket("/talk")(talk)

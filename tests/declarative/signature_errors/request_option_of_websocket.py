from signette import App, Socket


async def talk(socket: Socket[str, str]) -> None: ...


def declare(app: App) -> None:
    app.websocket("/talk", max_body_size=1000)(talk)

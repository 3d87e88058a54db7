from signette import App, Stream


async def receive(rows: Stream) -> int:
    return len([row async for row in rows])


def declare(app: App) -> None:
    app.post("/readings")(receive)

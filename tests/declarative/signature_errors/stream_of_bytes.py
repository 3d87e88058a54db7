from signette import App, Stream


async def receive(chunks: Stream[bytes]) -> int:
    return sum([len(chunk) async for chunk in chunks])


def declare(app: App) -> None:
    app.post("/readings")(receive)

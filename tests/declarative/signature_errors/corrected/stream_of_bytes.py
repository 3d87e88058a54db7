from signette import App, Request


async def receive(request: Request) -> int:
    return sum([len(chunk) async for chunk in request.stream()])


def declare(app: App) -> None:
    app.post("/readings")(receive)

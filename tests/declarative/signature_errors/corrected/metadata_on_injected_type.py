from signette import App, Request


async def items(request: Request) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

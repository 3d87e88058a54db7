from signette import App, Request


async def item(request: Request) -> int:
    return 1


def declare(app: App) -> None:
    app.get("/item")(item)

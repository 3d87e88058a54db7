from signette import App


async def item(item_id: int) -> None: ...


def declare(app: App) -> None:
    app.get("/items/{item_id}")(item)

from signette import App


async def compare(item_id: int, other_id: int) -> None: ...


def declare(app: App) -> None:
    app.get("/items/{item_id}/with/{other_id}")(compare)

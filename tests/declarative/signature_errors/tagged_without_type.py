from signette import App, Tagged


async def read(item_id: int) -> Tagged:  # type: ignore[type-arg]  # the error
    return Tagged({"id": item_id}, etag=1)


def declare(app: App) -> None:
    app.get("/items/{item_id}")(read)

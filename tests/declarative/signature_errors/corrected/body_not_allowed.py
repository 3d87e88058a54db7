from signette import App


async def delete(item_id: int) -> None: ...


def declare(app: App) -> None:
    app.delete("/items/{item_id}", status_code=204)(delete)

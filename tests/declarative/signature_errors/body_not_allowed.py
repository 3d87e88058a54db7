from signette import App


async def delete(item_id: int) -> dict[str, int]:
    return {"deleted": item_id}


def declare(app: App) -> None:
    app.delete("/items/{item_id}", status_code=204)(delete)

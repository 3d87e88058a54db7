from signette import App, RedirectResponse


async def item(item_id: int) -> dict[str, int] | RedirectResponse:
    return {"id": item_id}


def declare(app: App) -> None:
    app.get("/items/{item_id}", response_model=None)(item)

from signette import App


async def items(ids: list[int]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

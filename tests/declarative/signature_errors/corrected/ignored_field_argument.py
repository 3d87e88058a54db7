from signette import App


async def items(limit: int = 10) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

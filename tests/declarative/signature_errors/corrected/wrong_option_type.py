from signette import App


async def items() -> None: ...


def declare(app: App) -> None:
    app.get("/items", deprecated=True)(items)

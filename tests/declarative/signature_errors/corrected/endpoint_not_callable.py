from signette import App


async def items() -> list[int]: ...


def declare(app: App) -> None:
    app.get("/items")(items)

from signette import App


async def total() -> int: ...


def declare(app: App) -> None:
    app.get("/", validate_responses="strict")(total)

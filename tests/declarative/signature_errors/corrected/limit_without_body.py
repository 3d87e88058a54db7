from signette import App


async def count() -> int:
    return 3


def declare(app: App) -> None:
    app.get("/count")(count)

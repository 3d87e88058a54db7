from signette import App


async def count() -> int:
    return 3


def declare(app: App) -> None:
    app.get("/count", max_body_size=1000)(count)

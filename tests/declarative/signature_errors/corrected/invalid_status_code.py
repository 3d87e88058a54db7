from signette import App


async def make() -> int: ...


def declare(app: App) -> None:
    app.post("/items", status_code=201)(make)

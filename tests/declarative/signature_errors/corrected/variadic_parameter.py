from signette import App


async def search(q: str, color: str = "", size: str = "") -> None: ...


def declare(app: App) -> None:
    app.get("/search")(search)

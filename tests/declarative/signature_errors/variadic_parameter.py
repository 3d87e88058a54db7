from typing import Any

from signette import App


async def search(q: str, **filters: Any) -> None: ...


def declare(app: App) -> None:
    app.get("/search")(search)

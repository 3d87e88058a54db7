from typing import Any

from signette import App

VALUE: Any = "refuse"


async def search(limit: int = 10) -> None: ...


def declare(app: App) -> None:
    app.get("/search", unknown_query_params=VALUE)(search)

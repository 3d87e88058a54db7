from typing import Annotated

from signette import App, Query


async def search(limit: Annotated[int, Query(style="form", explode=False)]) -> None: ...


def declare(app: App) -> None:
    app.get("/search")(search)

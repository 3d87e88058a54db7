from typing import Annotated

from signette import App, Query


async def search(limits: Annotated[list[int], Query(style="form", explode=False)]) -> None: ...


def declare(app: App) -> None:
    app.get("/search")(search)

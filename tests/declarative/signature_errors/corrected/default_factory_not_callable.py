from typing import Annotated

from signette import App, Query


async def items(limit: Annotated[int, Query()] = 10) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

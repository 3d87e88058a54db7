from typing import Annotated

from signette import App, Query


async def items(limit: Annotated[int, Query(ge=100, le=1)]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

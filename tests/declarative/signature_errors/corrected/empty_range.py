from typing import Annotated

from signette import App, Query


async def items(limit: Annotated[int, Query(ge=1, le=100)]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

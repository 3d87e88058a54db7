from typing import Annotated

from signette import App, Query


async def items(limit: Annotated[int, Query(le=100, validate_default=True)] = 100) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

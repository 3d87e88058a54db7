from typing import Annotated

from signette import App, Query


async def items(limit: int, most: Annotated[int | None, Query()] = None) -> int:
    return 2 * limit if most is None else most


def declare(app: App) -> None:
    app.get("/items")(items)

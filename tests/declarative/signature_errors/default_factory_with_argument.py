from typing import Annotated, Any

from signette import App, Query


def twice(data: dict[str, Any]) -> int:
    return 2 * data["limit"]


async def items(limit: int, most: Annotated[int, Query(default_factory=twice)]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

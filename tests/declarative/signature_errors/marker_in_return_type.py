from typing import Annotated

from signette import App, Query


async def items() -> list[Annotated[int, Query(ge=1)]]:
    return [1]


def declare(app: App) -> None:
    app.get("/items")(items)

from typing import Annotated

from signette import App, Query


async def items(limit: Annotated[int, Query(max_length=3)]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

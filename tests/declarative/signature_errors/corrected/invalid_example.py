from typing import Annotated

from signette import App, Query


async def items(limit: Annotated[int, Query(le=50, examples=[10, 50])]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

from typing import Annotated

from signette import App, Query


async def items(ids: Annotated[list[Annotated[int, Query(ge=1)]], Query()]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

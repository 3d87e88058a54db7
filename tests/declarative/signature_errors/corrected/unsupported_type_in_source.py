from typing import Annotated, Literal

from signette import App, Query


async def items(key: Annotated[Literal["name", "size"] | None, Query()] = None) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

from typing import Annotated

from signette import App, Query


async def items(token: Annotated[str, Query()] = "none") -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

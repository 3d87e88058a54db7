from typing import Annotated

from signette import App, Query


async def items(tag: Annotated[str, Query()]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

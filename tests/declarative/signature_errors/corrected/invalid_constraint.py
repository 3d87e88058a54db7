from typing import Annotated

from signette import App, Query


async def items(sku: Annotated[str, Query(pattern="[A-Z]")]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

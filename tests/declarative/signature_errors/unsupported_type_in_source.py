from collections.abc import Callable
from typing import Annotated

from signette import App, Query


async def items(key: Annotated[Callable[[str], int] | None, Query()] = None) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

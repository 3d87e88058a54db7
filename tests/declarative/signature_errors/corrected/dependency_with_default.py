from typing import Annotated

from signette import App, Depends


def limit() -> int:
    return 10


async def items(limit: Annotated[int, Depends(limit)]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

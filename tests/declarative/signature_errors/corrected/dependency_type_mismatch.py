from typing import Annotated

from signette import App, Depends


def count() -> int:
    return 3


async def rows(name: Annotated[int, Depends(count)]) -> None: ...


def declare(app: App) -> None:
    app.get("/rows")(rows)

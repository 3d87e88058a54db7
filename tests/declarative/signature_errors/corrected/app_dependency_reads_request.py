from typing import Annotated

from signette import App, Depends


def pool(size: int = 10) -> list[int]:
    return [size]


async def rows(pool: Annotated[list[int], Depends(pool, scope="app")]) -> None: ...


def declare(app: App) -> None:
    app.get("/rows")(rows)

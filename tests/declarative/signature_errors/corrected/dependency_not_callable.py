from collections.abc import Iterator
from typing import Annotated

from signette import App, Depends


def connection() -> Iterator[str]:
    yield "connection"


async def rows(within: Annotated[str, Depends(connection)]) -> None: ...


def declare(app: App) -> None:
    app.get("/rows")(rows)

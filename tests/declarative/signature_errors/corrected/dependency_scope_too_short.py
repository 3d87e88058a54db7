from collections.abc import Iterator
from typing import Annotated

from signette import App, Depends


def connection() -> Iterator[str]:
    yield "connection"


def transaction(over: Annotated[str, Depends(connection, scope="function")]) -> Iterator[str]:
    yield over


async def rows(within: Annotated[str, Depends(transaction, scope="function")]) -> None: ...


def declare(app: App) -> None:
    app.get("/rows")(rows)

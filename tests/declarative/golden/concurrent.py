"""Dependencies that run at the same time: functions, and generators of both scopes, one with a concurrency limit."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from signette import App, Depends

app = App()


async def session() -> AsyncIterator[str]:
    yield "session"


def file(name: str) -> Iterator[str]:
    yield name


async def prices(page: int = 1) -> list[int]:
    return [page]


@app.get("/prices")
async def read(
    session: Annotated[str, Depends(session, concurrent=True, scope="function")],
    file: Annotated[str, Depends(file, concurrent=True, max_concurrency=2)],
    prices: Annotated[list[int], Depends(prices, concurrent=True)],
) -> list[int]:
    return prices

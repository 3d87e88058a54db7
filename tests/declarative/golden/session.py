"""Generators of both kinds and both lifetimes, one asked for twice, and a class that collects its arguments."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated

from signette import App, Depends

app = App(openapi_url=None)


@dataclass
class Paging:
    skip: int = 0
    limit: int = 10


async def connection() -> AsyncIterator[str]:
    yield "connection"


def cursor(connection: Annotated[str, Depends(connection)]) -> Iterator[str]:
    yield f"cursor of {connection}"


async def transaction(connection: Annotated[str, Depends(connection)]) -> AsyncIterator[str]:
    yield f"transaction on {connection}"


@app.get("/rows")
async def rows(
    paging: Annotated[Paging, Depends()],
    cursor: Annotated[str, Depends(cursor)],
    transaction: Annotated[str, Depends(transaction, scope="function")],
) -> list[int]:
    return [paging.skip, paging.limit]

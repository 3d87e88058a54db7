"""What the application keeps, asked for by another of its kind, and a dependency that only some may be in at once."""

from collections.abc import AsyncIterator
from typing import Annotated

from signette import App, Depends

app = App(openapi_url=None)


def settings(size: int = 10) -> dict[str, int]:
    return {"size": size}


async def pool(settings: Annotated[dict[str, int], Depends(settings, scope="app")]) -> AsyncIterator[list[int]]:
    yield [settings["size"]]


async def connection(pool: Annotated[list[int], Depends(pool, scope="app")]) -> AsyncIterator[int]:
    yield pool[0]


async def allowed() -> None: ...


@app.get("/size", dependencies=[Depends(allowed, max_concurrency=2)])
async def size(connection: Annotated[int, Depends(connection, max_concurrency=3)]) -> int:
    return connection

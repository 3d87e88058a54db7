from collections.abc import AsyncIterator
from typing import Annotated

from signette import App, Depends


async def audit() -> AsyncIterator[None]:
    yield


async def session() -> AsyncIterator[str]:
    yield "session"


async def prices() -> list[int]:
    return [3]


async def orders(
    session: Annotated[str, Depends(session, concurrent=True)],
    prices: Annotated[list[int], Depends(prices, concurrent=True)],
) -> None: ...


def declare(app: App) -> None:
    app.get("/orders", dependencies=[Depends(audit)])(orders)

from typing import Annotated

from signette import App, Depends


async def prices() -> list[int]:
    return [3]


async def orders(prices: Annotated[list[int], Depends(prices, concurrent=2)]) -> None: ...  # type: ignore[arg-type]


def declare(app: App) -> None:
    app.get("/orders")(orders)

from decimal import Decimal
from typing import Annotated, Any

from signette import App, Body


async def sell(
    price: Annotated[Decimal, Body(embed=True, decimal=True)], details: Annotated[Any, Body(embed=True, decimal=True)]
) -> None: ...


def declare(app: App) -> None:
    app.post("/sales")(sell)

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel

from signette import App, Body


class Price(BaseModel):
    amount: Decimal


async def sell(price: Annotated[Price, Body(decimal=True)]) -> None: ...


def declare(app: App) -> None:
    app.post("/sales")(sell)

from typing import TYPE_CHECKING

from signette import App

if TYPE_CHECKING:
    from decimal import Decimal


async def price(amount: "Decimal") -> None: ...


def declare(app: App) -> None:
    app.get("/price")(price)

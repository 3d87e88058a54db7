from decimal import Decimal

from signette import App


async def price(amount: Decimal) -> None: ...


def declare(app: App) -> None:
    app.get("/price")(price)

from typing import Annotated

from pydantic import BaseModel

from signette import App
from signette.events import EventName, Events


class Order:
    class Paid(BaseModel):
        order: int


class Invoice:
    class Paid(BaseModel):
        invoice: int


async def orders() -> Events[Order.Paid | Annotated[Invoice.Paid, EventName("InvoicePaid")]]:
    yield Order.Paid(order=1)


def declare(app: App) -> None:
    app.get("/orders")(orders)

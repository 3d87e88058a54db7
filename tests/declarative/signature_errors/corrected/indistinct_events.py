from pydantic import BaseModel

from signette import App
from signette.events import Events


class OrderPaid(BaseModel):
    order: int


class OrderShipped(BaseModel):
    order: int


async def orders() -> Events[OrderPaid | OrderShipped]:
    yield OrderPaid(order=1)


def declare(app: App) -> None:
    app.get("/orders")(orders)

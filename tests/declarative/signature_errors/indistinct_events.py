from pydantic import BaseModel
from typing_extensions import TypedDict

from signette import App
from signette.events import Events


class OrderPaid(BaseModel):
    order: int


class OrderShipped(TypedDict):
    order: int


async def orders() -> Events[OrderPaid | OrderShipped]:
    yield OrderPaid(order=1)


def declare(app: App) -> None:
    app.get("/orders")(orders)

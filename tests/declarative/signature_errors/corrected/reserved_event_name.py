from typing import Annotated

from pydantic import BaseModel

from signette import App
from signette.events import EventName, Events


class OrderMissed(BaseModel):
    order: int


async def orders() -> Events[Annotated[OrderMissed, EventName("order.missed")]]:
    yield OrderMissed(order=1)


def declare(app: App) -> None:
    app.get("/orders")(orders)

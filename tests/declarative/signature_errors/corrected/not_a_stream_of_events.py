from typing import Annotated

from pydantic import BaseModel

from signette import App
from signette.events import Events, EventStream


class OrderPaid(BaseModel):
    order: int


async def orders() -> Annotated[Events[OrderPaid], EventStream(retry=1000)]:
    yield OrderPaid(order=1)


def declare(app: App) -> None:
    app.get("/orders")(orders)

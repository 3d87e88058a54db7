from pydantic import BaseModel

from signette import App
from signette.events import Events


class OrderPaid(BaseModel):
    order: int


async def orders() -> Events[OrderPaid]:
    yield OrderPaid(order=1)


def declare(app: App) -> None:
    app.get("/orders")(orders)

from collections.abc import Callable

from pydantic import BaseModel

from signette import App
from signette.policies import Exchange, Policy


class Order(BaseModel):
    sku: str


class Tagged(Policy):
    def guard(self) -> Callable[..., object]:
        async def tag(exchange: Exchange, order: Order) -> None:
            exchange.add_header("X-Tag", order.sku)

        return tag


async def create(order: Order) -> Order:
    return order


def declare(app: App) -> None:
    app.post("/orders", policies=[Tagged()])(create)

from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel

from signette import App, Header
from signette.policies import Exchange, Policy


class Order(BaseModel):
    sku: str


class Tagged(Policy):
    def guard(self) -> Callable[..., object]:
        async def tag(exchange: Exchange, x_tag: Annotated[str, Header()]) -> None:
            exchange.add_header("X-Tag", x_tag)

        return tag


async def create(order: Order) -> Order:
    return order


def declare(app: App) -> None:
    app.post("/orders", policies=[Tagged()])(create)

from typing import Annotated

from pydantic import BaseModel

from signette import App, Body


class Order(BaseModel):
    sku: str


async def place(order: Annotated[Order, Body(embed=True, alias="the_order")]) -> None: ...


def declare(app: App) -> None:
    app.post("/orders")(place)

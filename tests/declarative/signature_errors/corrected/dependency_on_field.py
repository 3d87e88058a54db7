from typing import Annotated

from pydantic import BaseModel

from signette import App, Depends


async def current_user() -> str:
    return "ann"


class Order(BaseModel):
    sku: str


async def place(order: Order, user: Annotated[str, Depends(current_user)]) -> None: ...


def declare(app: App) -> None:
    app.post("/orders")(place)

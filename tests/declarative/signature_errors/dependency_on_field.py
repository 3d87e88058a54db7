from pydantic import BaseModel

from signette import App, Depends


async def current_user() -> str:
    return "ann"


class Order(BaseModel):
    sku: str
    user: str = Depends(current_user)


async def place(order: Order) -> None: ...


def declare(app: App) -> None:
    app.post("/orders")(place)

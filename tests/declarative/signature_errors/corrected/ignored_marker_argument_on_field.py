from pydantic import BaseModel

from signette import App


class Order(BaseModel):
    pieces: int = 1


async def place(order: Order) -> None: ...


def declare(app: App) -> None:
    app.post("/orders")(place)

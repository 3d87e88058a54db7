from pydantic import BaseModel

from signette import App, Body


class Order(BaseModel):
    pieces: int = Body(1, embed=True)


async def place(order: Order) -> None: ...


def declare(app: App) -> None:
    app.post("/orders")(place)

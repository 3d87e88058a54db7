from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel

from signette import App, Body


class Point(BaseModel):
    x: Decimal
    y: Decimal


async def move(point: Annotated[Point, Body(decimal=True)]) -> None: ...


def declare(app: App) -> None:
    app.put("/point")(move)

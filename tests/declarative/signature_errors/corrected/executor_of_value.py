from dataclasses import dataclass
from typing import Annotated

from signette import App, Depends


@dataclass
class Page:
    number: int = 1


async def orders(page: Annotated[Page, Depends()]) -> None: ...


def declare(app: App) -> None:
    app.get("/orders")(orders)

from dataclasses import dataclass
from typing import Annotated

from signette import App, Depends, Thread


@dataclass
class Page:
    number: int = 1


async def orders(page: Annotated[Page, Depends(executor=Thread(limit=2))]) -> None: ...


def declare(app: App) -> None:
    app.get("/orders")(orders)

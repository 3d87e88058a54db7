from collections.abc import AsyncIterator
from typing import Annotated

from annotated_types import Ge

from signette import App


async def numbers() -> AsyncIterator[Annotated[int, Ge(1)]]:
    yield 1


def declare(app: App) -> None:
    app.get("/numbers")(numbers)

from typing import Annotated

from signette import App, Problem, Raises


class TooMany(Problem, status=409):
    """Too many items."""


async def items(limit: Annotated[int, Raises(TooMany)] = 10) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

from typing import Annotated

from signette import App, Problem, Raises


class TooMany(Problem, status=409):
    """More than there are."""


async def items(limit: Annotated[int, Raises(TooMany)] = 10) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

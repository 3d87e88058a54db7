from typing import Annotated

from pydantic import Field

from signette import App


async def items(limit: Annotated[int, Field(exclude=True)] = 10) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

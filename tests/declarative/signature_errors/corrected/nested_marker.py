from typing import Annotated

from pydantic import Field

from signette import App, Query


async def items(ids: Annotated[list[Annotated[int, Field(ge=1)]], Query()]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

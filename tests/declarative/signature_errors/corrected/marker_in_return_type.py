from typing import Annotated

from pydantic import Field

from signette import App


async def items() -> list[Annotated[int, Field(ge=1)]]:
    return [1]


def declare(app: App) -> None:
    app.get("/items")(items)

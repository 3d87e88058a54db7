from typing import Annotated

from pydantic import Field

from signette import App


async def items(limit: Annotated[int, Field(description="how many items to return")] = 10) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

from typing import Annotated

from fastapi import Query

from signette import App


async def items(tag: Annotated[str, Query]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

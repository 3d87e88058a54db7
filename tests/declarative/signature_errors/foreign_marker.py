from typing import Annotated

from fastapi import Depends

from signette import App


async def login() -> str:
    return "ann"


async def items(user: Annotated[str, Depends(login)]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

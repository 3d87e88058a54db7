from typing import Annotated

from signette import App, Depends


async def user() -> None: ...


async def account(owner: Annotated[None, Depends(user)]) -> None: ...


async def me(mine: Annotated[None, Depends(account)]) -> None: ...


def declare(app: App) -> None:
    app.get("/me")(me)

from typing import Annotated

from signette import App, Depends


def user_id() -> int | None:
    return 3


async def me(user: Annotated[int | None, Depends(user_id)]) -> None: ...


def declare(app: App) -> None:
    app.get("/me")(me)

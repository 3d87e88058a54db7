from typing import Annotated

from signette import App


def current_user() -> str:
    return "ann"


async def me(user: Annotated[str, current_user]) -> None: ...


def declare(app: App) -> None:
    app.get("/me")(me)

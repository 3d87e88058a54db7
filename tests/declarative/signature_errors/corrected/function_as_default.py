from typing import Annotated

from signette import App, Depends


def current_user() -> str:
    return "ann"


async def me(user: Annotated[str, Depends(current_user)]) -> None: ...


def declare(app: App) -> None:
    app.get("/me")(me)

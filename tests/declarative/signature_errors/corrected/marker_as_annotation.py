from typing import Annotated

from signette import App, Depends


def user() -> str:
    return "ann"


async def rows(user: Annotated[str, Depends(user)]) -> None: ...


def declare(app: App) -> None:
    app.get("/rows")(rows)

from typing import Annotated

from signette import App, Depends


async def me(user: Annotated[int | None, Depends()]) -> None: ...


def declare(app: App) -> None:
    app.get("/me")(me)

from typing import Annotated

from signette import App, Query


async def basket(ids: Annotated[list[int], Query()]) -> None: ...


def declare(app: App) -> None:
    app.get("/basket")(basket)

from typing import Annotated

from signette import App, Cookie


async def basket(ids: Annotated[list[int], Cookie()]) -> None: ...


def declare(app: App) -> None:
    app.get("/basket")(basket)

from typing import Annotated

from signette import App, Body, Form


async def order(raw: Annotated[bytes, Body()], note: Annotated[str, Form()]) -> None: ...


def declare(app: App) -> None:
    app.post("/orders")(order)

from typing import Annotated

from signette import App, File, Form


async def order(raw: Annotated[bytes, File()], note: Annotated[str, Form()]) -> None: ...


def declare(app: App) -> None:
    app.post("/orders")(order)

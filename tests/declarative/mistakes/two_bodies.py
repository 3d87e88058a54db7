from typing import Annotated

from signette import App, Form


async def order(item: dict[str, str], note: Annotated[str, Form()]) -> None: ...


def declare(app: App) -> None:
    app.post("/orders")(order)

from typing import Annotated

from signette import App, Header


async def items(token: Annotated[str, Header(alias="X-Token")]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

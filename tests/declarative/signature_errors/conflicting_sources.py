from typing import Annotated

from signette import App, Header, Query


async def items(token: Annotated[str, Query()] = Header("none")) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

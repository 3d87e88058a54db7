from typing import Annotated

from signette import App


async def items(limit: Annotated[int, "how many items to return"] = 10) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

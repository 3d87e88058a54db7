from typing import Annotated

from signette import App


async def count() -> Annotated[int, "how many items there are"]:
    return 3


def declare(app: App) -> None:
    app.get("/count")(count)

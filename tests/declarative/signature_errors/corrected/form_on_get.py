from typing import Annotated

from signette import App, Query


async def search(words: Annotated[str, Query()]) -> None: ...


def declare(app: App) -> None:
    app.get("/search")(search)

from typing import Annotated

from signette import App, Form


async def search(words: Annotated[str, Form()]) -> None: ...


def declare(app: App) -> None:
    app.get("/search")(search)

from typing import Annotated

from signette import App, Query


async def search(filters: Annotated[dict[str, str], Query()]) -> None: ...


def declare(app: App) -> None:
    app.get("/search")(search)

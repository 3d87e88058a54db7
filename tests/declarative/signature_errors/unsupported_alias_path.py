from typing import Annotated

from pydantic import AliasPath

from signette import App, Query


async def search(first: Annotated[int, Query(validation_alias=AliasPath("numbers", 0))]) -> None: ...


def declare(app: App) -> None:
    app.get("/search")(search)

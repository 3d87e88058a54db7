from typing import Annotated, Any

from signette import App, Depends


async def item(found: Annotated[Any, Depends(dict)]) -> int:
    return 1


def declare(app: App) -> None:
    app.get("/item")(item)

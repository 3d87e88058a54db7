from typing import Annotated, Any

from signette import App, Depends


def find() -> dict[str, Any]:
    return {}


async def item(found: Annotated[dict[str, Any], Depends(find)]) -> int:
    return 1


def declare(app: App) -> None:
    app.get("/item")(item)

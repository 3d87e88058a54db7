from typing import Annotated

from signette import App, Body
from signette.formats import MessagePack
from signette.mcp import tools_of


async def add(order: Annotated[dict[str, int], Body(media_types=[MessagePack])]) -> int:
    return len(order)


def declare(app: App) -> None:
    app.post("/orders", tool=True)(add)
    tools_of(app)

from typing import Annotated, Any

from signette import App, Body
from signette.formats import JSON, Content, Format
from signette.mcp import tools_of


class Lines(Format):
    media_type = "text/plain"

    def decoder(self, content: Content) -> Any:
        return lambda body: dict.fromkeys(body.decode().splitlines(), 1)


async def add(order: Annotated[dict[str, int], Body(media_types=[JSON, Lines])]) -> int:
    return len(order)


def declare(app: App) -> None:
    app.post("/orders", tool=True)(add)
    tools_of(app)

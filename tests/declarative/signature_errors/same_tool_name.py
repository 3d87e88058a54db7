from signette import App
from signette.mcp import Tool, tools_of


async def count() -> int:
    return 3


def declare(app: App) -> None:
    app.get("/orders/count", tool=Tool(name="count"))(count)
    app.get("/items/count", tool=Tool(name="count"))(count)
    tools_of(app)

from signette import App
from signette.mcp import Tool


async def count() -> int:
    return 3


def declare(app: App) -> None:
    app.get("/count", tool=Tool(name="count_orders"))(count)

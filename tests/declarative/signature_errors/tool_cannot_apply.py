from collections.abc import AsyncIterator

from signette import App
from signette.responses import ServerSentEvent


async def news() -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent("hello")


def declare(app: App) -> None:
    app.get("/news", tool=True)(news)

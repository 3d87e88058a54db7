from collections.abc import AsyncIterator

from signette import App, JSONResponse


async def numbers() -> AsyncIterator[int]:
    yield 1


def declare(app: App) -> None:
    app.get("/numbers", response_class=JSONResponse)(numbers)

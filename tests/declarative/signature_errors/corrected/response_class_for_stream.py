from collections.abc import AsyncIterator

from signette import App


async def numbers() -> AsyncIterator[int]:
    yield 1


def declare(app: App) -> None:
    app.get("/numbers")(numbers)

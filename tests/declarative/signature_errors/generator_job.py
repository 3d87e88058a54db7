from collections.abc import AsyncIterator

from signette import App


async def import_books(count: int) -> AsyncIterator[int]:
    for book in range(count):
        yield book


def declare(app: App) -> None:
    app.job(import_books)

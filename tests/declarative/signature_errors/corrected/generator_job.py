from signette import App
from signette.jobs import Progress


async def import_books(count: int, progress: Progress[int]) -> None:
    for book in range(count):
        await progress.report(book)


def declare(app: App) -> None:
    app.job(import_books)

from signette import App
from signette.jobs import Progress


async def import_books(count: int, progress: Progress[int]) -> None: ...


def declare(app: App) -> None:
    app.job(import_books)

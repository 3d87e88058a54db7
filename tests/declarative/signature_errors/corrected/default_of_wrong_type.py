from datetime import date

from signette import App


async def sales(since: date = date(2026, 1, 1)) -> None: ...


def declare(app: App) -> None:
    app.get("/sales")(sales)

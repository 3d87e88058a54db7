from datetime import date

from signette import App


async def sales(since: date = "2026-01-01") -> None: ...  # type: ignore[assignment]  # the error


def declare(app: App) -> None:
    app.get("/sales")(sales)

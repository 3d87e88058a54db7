from datetime import datetime

from signette import App


async def orders() -> None: ...


def declare(app: App) -> None:
    app.get("/orders", deprecated=datetime.fromisoformat("2026-01-01T12:00"))(orders)

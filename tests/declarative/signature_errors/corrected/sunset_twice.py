from datetime import date

from signette import App


async def orders() -> None: ...


def declare(app: App) -> None:
    app.get("/orders", deprecated=date(2026, 1, 1), sunset=date(2027, 1, 1))(orders)

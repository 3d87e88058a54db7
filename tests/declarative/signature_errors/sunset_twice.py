from datetime import date

from signette import App
from signette.policies import Deprecated


async def orders() -> None: ...


def declare(app: App) -> None:
    app.get("/orders", sunset=date(2027, 1, 1), policies=[Deprecated(date(2026, 1, 1))])(orders)

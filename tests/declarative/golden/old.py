"""An endpoint that is deprecated since a date, with its successor."""

from datetime import date

from signette import App
from signette.policies import Deprecated

app = App(deprecated=date(2026, 1, 1))


@app.get("/v1/orders", policies=[Deprecated(date(2026, 1, 1), sunset=date(2027, 1, 1), successor="/v2/orders")])
async def orders(page: int = 1) -> int:
    return page

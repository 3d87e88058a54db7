"""Deprecated operations, with and without dates, and a deprecated version."""

from datetime import date

from signette import App, Router
from signette.policies import Deprecated

app = App()


@app.get("/v0/items", deprecated=True)
async def oldest_items() -> list[int]:
    return [1]


@app.get("/v1/items", deprecated=date(2026, 1, 1))
async def old_items(page: int = 1) -> list[int]:
    return [page]


@app.get("/v2/items", policies=[Deprecated(date(2026, 1, 1), sunset=date(2030, 1, 1), successor="/v3/items")])
async def items() -> list[int]:
    return [1]


versioned = Router(prefix="/orders")


@versioned.get("/{number}")
async def read_order(number: int) -> int:
    return number


app.include_router(versioned, version="v1", policies=[Deprecated(date(2026, 1, 1))])
app.include_router(versioned, version="v2")
REPORTED: set[tuple[str, str]] = set()

"""Deprecated operations, with and without dates."""

from datetime import date

from signette import App
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


REPORTED: set[tuple[str, str]] = set()

"""A list in pages by cursor, whose key is that of the rows."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel

from signette import App, Page

app = App(openapi_url=None, cursor_keys=["a secret of all processes"])


class Order(BaseModel):
    id: int
    created: datetime


ORDERS = [Order(id=number, created=datetime(2026, 1, 1, number, tzinfo=UTC)) for number in range(20)]


@app.get("/orders")
async def orders(
    page: Annotated[Page.Cursor[tuple[datetime, int]], Page.Limit(10)], status: str | None = None
) -> Page[Order]:
    rows = [each for each in ORDERS if page.after is None or (each.created, each.id) > page.after]
    return page.of(rows[: page.fetch], key=lambda order: (order.created, order.id))

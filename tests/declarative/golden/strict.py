"""A guard, a body, and a query of which nothing may be unknown."""

from typing import Annotated

from pydantic import BaseModel

from signette import App, Query, Security
from signette.security import HTTPBearer

app = App(openapi_url=None, unknown_query_params="forbid")


class Item(BaseModel):
    name: str


class Range(BaseModel):
    low: int


@app.put("/items")
async def replace(
    token: Annotated[str, Security(HTTPBearer())],
    item: Item,
    within: Annotated[Range | None, Query(style="deepObject")] = None,
    ids: Annotated[list[int] | None, Query(explode=False)] = None,
) -> Item:
    return item

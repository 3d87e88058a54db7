"""A path parameter and two values of the query, one of them with limits."""

from typing import Annotated, Any

from signette import App, Query

app = App(openapi_url=None)


@app.get("/items/{item_id}")
async def item(item_id: int, q: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> dict[str, Any]:
    return {"id": item_id, "q": q, "limit": limit}

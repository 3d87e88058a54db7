"""Several statuses in one type, and a raw body."""

from typing import Annotated

from signette import App, Body, Created, NoContent, Raises
from signette.exceptions import HTTPException
from signette.problems import Problem

app = App(openapi_url=None)


class OutOfStock(Problem, status=409):
    left: int


@app.post("/orders/{sku}")
async def order(
    sku: str, note: Annotated[bytes | None, Body(max_length=100)] = None
) -> Annotated[Created[dict[str, str]] | NoContent, Raises(OutOfStock)]:
    if note is None:
        raise HTTPException(400, "say something")
    return Created({"sku": sku}, headers={"location": f"/orders/{sku}"})

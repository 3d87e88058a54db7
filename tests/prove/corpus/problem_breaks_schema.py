"""A problem that is built by hand and lacks a member of its declared class."""

from signette import App, Problem
from signette.responses import JSONResponse


class OutOfStock(Problem, status=409):
    """The item is sold out."""

    left: int


app = App()


@app.post("/sales", response_model=int, responses={409: {"model": OutOfStock}})
async def sell(pieces: int) -> JSONResponse:
    body = {"type": "urn:problem-type:out-of-stock", "title": "Out of stock", "status": 409}
    return JSONResponse(body, status_code=409, media_type="application/problem+json")


REPORTED = {("declared-body", "POST /sales")}

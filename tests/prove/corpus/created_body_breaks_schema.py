"""A body of a 201 lacks a member that its schema requires."""

from pydantic import BaseModel

from signette import App
from signette.responses import JSONResponse


class Order(BaseModel):
    number: int
    sku: str


class NewOrder(BaseModel):
    sku: str


app = App()


@app.post("/orders", status_code=201, response_model=Order)
async def create_order(order: NewOrder) -> JSONResponse:
    return JSONResponse({"number": 1}, status_code=201)


REPORTED = {("declared-body", "POST /orders")}

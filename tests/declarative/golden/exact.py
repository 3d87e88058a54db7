"""An endpoint whose numbers arrive as decimals."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel

from signette import App, Body

app = App()


class Payment(BaseModel):
    amount: Decimal
    reference: str


@app.post("/payments")
async def pay(payment: Annotated[Payment, Body(decimal=True)]) -> Decimal:
    return payment.amount

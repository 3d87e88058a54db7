"""Idempotent requests, with keys that are required or not, and an operation that shows the effects."""

from pydantic import BaseModel

from signette import App
from signette.policies import Idempotent


class Payment(BaseModel):
    amount: int
    text: str = ""


app = App()
payments: list[Payment] = []


@app.post("/payments", status_code=201, policies=[Idempotent(required=True)])
async def pay(payment: Payment) -> dict[str, int]:
    payments.append(payment)
    return {"number": len(payments)}


@app.post("/refunds", status_code=202, policies=[Idempotent()])
async def refund(number: int) -> None: ...


@app.get("/payments")
async def list_payments() -> list[Payment]:
    return payments


REPORTED: set[tuple[str, str]] = set()

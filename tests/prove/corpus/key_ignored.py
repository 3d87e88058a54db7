"""Middleware that drops `Idempotency-Key`, so that a repeated request runs again."""

from signette import App, Middleware
from signette.policies import Idempotent
from signette.types import ASGIApp, Receive, Scope, Send

payments: list[int] = []


class WithoutKey:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            kept = [each for each in scope["headers"] if each[0] != b"idempotency-key"]
            scope = {**scope, "headers": kept}
        await self.app(scope, receive, send)


app = App(middleware=[Middleware(WithoutKey)])


@app.post("/payments", status_code=201, policies=[Idempotent()])
async def pay(amount: int) -> dict[str, int]:
    payments.append(amount)
    return {"number": len(payments)}


REPORTED = {("idempotency-key", "POST /payments")}

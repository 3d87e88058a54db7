"""A dependency that stores the request before the policy sees it: the response is repeated, and so is the effect."""

from signette import App, Middleware
from signette.policies import Idempotent
from signette.types import ASGIApp, Receive, Scope, Send

orders: list[str] = []


class Recorder:
    """Counts orders where they arrive, and not where they are accepted."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            orders.append(scope["path"])
        await self.app(scope, receive, send)


app = App(middleware=[Middleware(Recorder)])


@app.post("/orders", status_code=201, policies=[Idempotent()])
async def create_order(sku: str) -> dict[str, str]:
    return {"sku": sku}


@app.get("/orders")
async def list_orders() -> list[str]:
    return orders


REPORTED = {("idempotency-key", "POST /orders")}

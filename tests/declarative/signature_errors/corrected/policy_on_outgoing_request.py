from signette import App
from signette.policies import CallNext, Exchange, Policy
from signette.types import Receive, Send


class Timed(Policy):
    async def around(self, exchange: Exchange, receive: Receive, send: Send, call_next: CallNext) -> None:
        await call_next(receive, send)


async def new_order(number: int) -> None: ...


def declare(app: App) -> None:
    app.webhooks.post("new-order")(new_order)

from signette import App
from signette.policies import CallNext, Exchange, Policy
from signette.types import Receive, Send


class Timed(Policy):
    async def around(self, exchange: Exchange, receive: Receive, send: Send, call_next: CallNext) -> None:
        await call_next(receive, send)


async def report() -> str:
    return "all is well"


def declare(app: App) -> None:
    app.get("/report", policies=[Timed()])(report)

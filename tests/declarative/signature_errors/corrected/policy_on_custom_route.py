from signette import App
from signette.policies import CallNext, Exchange, Policy
from signette.responses import PlainTextResponse
from signette.routing import Mount
from signette.types import Receive, Send


class Timed(Policy):
    async def around(self, exchange: Exchange, receive: Receive, send: Send, call_next: CallNext) -> None:
        await call_next(receive, send)


def declare(app: App) -> None:
    App(policies=[Timed()], routes=[Mount("/all", PlainTextResponse("all of it"))])

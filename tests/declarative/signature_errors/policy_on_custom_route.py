from signette import App
from signette.policies import CallNext, Exchange, Policy
from signette.routing import BaseRoute, Match
from signette.types import Receive, Scope, Send


class Timed(Policy):
    async def around(self, exchange: Exchange, receive: Receive, send: Send, call_next: CallNext) -> None:
        await call_next(receive, send)


class Everything(BaseRoute):
    def __init__(self, text: str) -> None:
        self.text = text

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return Match.FULL, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None: ...


def declare(app: App) -> None:
    App(policies=[Timed()], routes=[Everything("all of it")])

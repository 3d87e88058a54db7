from signette import App, Header, Security
from signette.routing import BaseRoute, Match
from signette.types import Receive, Scope, Send


def with_key(x_key: str = Header()) -> None: ...


class Everything(BaseRoute):
    def __init__(self, text: str) -> None:
        self.text = text

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return Match.FULL, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None: ...


def declare(app: App) -> None:
    App(dependencies=[Security(with_key)], routes=[Everything("all of it")])

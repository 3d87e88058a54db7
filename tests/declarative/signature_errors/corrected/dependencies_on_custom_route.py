from signette import App, Header, Security
from signette.responses import PlainTextResponse
from signette.routing import Mount


def with_key(x_key: str = Header()) -> None: ...


def declare(app: App) -> None:
    App(dependencies=[Security(with_key)], routes=[Mount("/all", PlainTextResponse("all of it"))])

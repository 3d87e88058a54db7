from typing import Annotated

from signette import App, Header, Request


async def who(request: Annotated[Request, Header()]) -> None: ...


def declare(app: App) -> None:
    app.get("/who")(who)

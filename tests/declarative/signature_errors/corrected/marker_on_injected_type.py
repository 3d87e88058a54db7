from signette import App, Request


async def who(request: Request) -> None: ...


def declare(app: App) -> None:
    app.get("/who")(who)

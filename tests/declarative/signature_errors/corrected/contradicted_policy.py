from signette import App


async def report() -> None: ...


def declare(app: App) -> None:
    app.get("/report", cancel_on_disconnect=True)(report)

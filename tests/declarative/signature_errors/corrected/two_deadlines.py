from signette import App


async def report() -> str:
    return "done"


def declare(app: App) -> None:
    app.get("/report", timeout=2)(report)

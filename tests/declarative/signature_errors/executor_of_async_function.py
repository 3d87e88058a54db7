from signette import App, Thread


async def report() -> str:
    return "report"


def declare(app: App) -> None:
    app.get("/report", executor=Thread(limit=2))(report)

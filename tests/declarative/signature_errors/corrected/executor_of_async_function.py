from signette import App, Thread


def report() -> str:
    return "report"


def declare(app: App) -> None:
    app.get("/report", executor=Thread(limit=2))(report)

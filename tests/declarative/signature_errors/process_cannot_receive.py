from signette import App, Process, Request


def report(request: Request) -> str:
    return request.headers["accept-language"]


def declare(app: App) -> None:
    app.get("/report", executor=Process(limit=2))(report)

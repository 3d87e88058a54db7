from typing import Annotated

from signette import App, Header, Process


def report(accept_language: Annotated[str, Header()]) -> str:
    return accept_language


def declare(app: App) -> None:
    app.get("/report", executor=Process(limit=2))(report)

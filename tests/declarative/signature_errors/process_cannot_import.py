from collections.abc import Callable

from signette import App, Process


def reporting(title: str) -> Callable[[], str]:
    def report() -> str:
        return title

    return report


def declare(app: App) -> None:
    app.get("/sales", executor=Process(limit=2))(reporting("sales"))

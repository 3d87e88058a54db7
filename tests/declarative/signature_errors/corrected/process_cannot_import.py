from signette import App, Process


def sales() -> str:
    return "sales"


def declare(app: App) -> None:
    app.get("/sales", executor=Process(limit=2))(sales)

from signette import App, Thread


def rows() -> list[int]:
    return list(range(3))


def declare(app: App) -> None:
    app.get("/rows", executor=Thread(limit=2))(rows)

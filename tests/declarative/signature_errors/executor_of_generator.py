from collections.abc import Iterator

from signette import App, Thread


def rows() -> Iterator[int]:
    yield from range(3)


def declare(app: App) -> None:
    app.get("/rows", executor=Thread(limit=2))(rows)

from signette import App, Problem


class Busy(Problem, status=503):
    """The item is in use."""

    thread: str


async def item(item_id: int) -> str | Busy: ...


def declare(app: App) -> None:
    app.get("/items/{item_id}")(item)

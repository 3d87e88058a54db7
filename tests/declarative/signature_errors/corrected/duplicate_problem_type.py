from signette import App, Problem


class NotThere(Problem, status=404, type="urn:shop:missing"):
    """The item does not exist."""


class Gone(Problem, status=410, type="urn:shop:gone"):
    """The item was deleted."""


async def item(item_id: int) -> str | NotThere | Gone: ...


def declare(app: App) -> None:
    app.get("/items/{item_id}")(item)

from signette import App, Problem


class TooMany(Problem, status=409):
    """Too many items."""


async def items(limit: int = 10) -> TooMany | None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

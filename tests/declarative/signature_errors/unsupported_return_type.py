from signette import App


class Row:
    """A class that pydantic does not support."""


async def row() -> list[Row]:
    return []


def declare(app: App) -> None:
    app.get("/row")(row)

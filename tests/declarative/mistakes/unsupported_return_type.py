from signette import App


class Row:
    """No type of pydantic's."""


async def row() -> list[Row]:
    return []


def declare(app: App) -> None:
    app.get("/row")(row)

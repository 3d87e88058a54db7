from signette import App


class Connection:
    """A class that pydantic does not support."""


async def rows(connection: Connection) -> None: ...


def declare(app: App) -> None:
    app.get("/rows")(rows)

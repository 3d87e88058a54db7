from signette import App


class Connection:
    """No type of pydantic's."""


async def rows(connection: Connection) -> None: ...


def declare(app: App) -> None:
    app.get("/rows")(rows)

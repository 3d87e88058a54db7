from typing import Annotated

from signette import App, Depends


class Connection:
    """A class that pydantic does not support."""


def connect() -> Connection:
    return Connection()


async def rows(connection: Annotated[Connection, Depends(connect)]) -> None: ...


def declare(app: App) -> None:
    app.get("/rows")(rows)

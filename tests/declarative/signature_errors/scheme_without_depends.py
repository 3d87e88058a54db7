from typing import Annotated

from signette import App
from signette.security import APIKeyHeader


async def items(key: Annotated[str, APIKeyHeader(name="X-Key")]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

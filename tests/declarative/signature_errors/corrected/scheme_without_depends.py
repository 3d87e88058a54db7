from typing import Annotated

from signette import App, Depends
from signette.security import APIKeyHeader


async def items(key: Annotated[str, Depends(APIKeyHeader(name="X-Key"))]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

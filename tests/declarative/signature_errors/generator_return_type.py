from collections.abc import AsyncIterator
from typing import Any, cast

from signette import App


async def rows() -> AsyncIterator[int]:
    yield 1


rows.__annotations__["return"] = cast(Any, list[int])  # a type checker would reject it


def declare(app: App) -> None:
    app.get("/rows")(rows)

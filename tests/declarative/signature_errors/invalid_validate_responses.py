"""An unknown way to validate responses."""

from typing import Any

from signette import App


def declare(app: App) -> None:
    wrong: Any = {"validate_responses": "loudly"}

    @app.get("/", **wrong)
    async def total() -> int: ...

from typing import Any

from signette import App, Patch


async def change(user_id: int, patch: Patch[dict[str, Any]]) -> None: ...


def declare(app: App) -> None:
    app.patch("/users/{user_id}")(change)

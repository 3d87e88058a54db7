from typing import Annotated

from signette import App
from signette.conditional import Required


async def replace(user_id: int, cond: Annotated[str, Required()]) -> None: ...


def declare(app: App) -> None:
    app.put("/users/{user_id}")(replace)

from typing import Annotated

from signette import App, To, Upload


async def keep() -> int:
    return 0


async def store(picture: Annotated[Upload, To(keep)]) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(store)

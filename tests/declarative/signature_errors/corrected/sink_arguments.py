from typing import Annotated

from signette import App, To, Upload
from signette.uploads import FilePart


async def keep(part: FilePart) -> int:
    return len(b"".join([chunk async for chunk in part]))


async def store(picture: Annotated[Upload, To(keep)]) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(store)

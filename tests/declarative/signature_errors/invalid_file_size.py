from typing import Annotated

from signette import App, File, UploadFile


async def store(picture: Annotated[UploadFile, File(max_bytes=0)]) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(store)

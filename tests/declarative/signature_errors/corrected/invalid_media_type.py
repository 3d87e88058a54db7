from typing import Annotated

from signette import App, File, UploadFile


async def store(picture: Annotated[UploadFile, File(media_types=["image/png"])]) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(store)

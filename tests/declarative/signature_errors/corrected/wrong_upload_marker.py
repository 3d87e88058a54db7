from typing import Annotated

from signette import App, File, UploadFile


async def keep(picture: Annotated[UploadFile, File()]) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(keep)

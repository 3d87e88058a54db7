from typing import Annotated

from signette import App, Body, UploadFile


async def keep(picture: Annotated[UploadFile, Body()]) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(keep)

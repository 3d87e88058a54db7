from typing import Annotated

from signette import App, File, To, Upload, UploadFile


async def store(
    picture: Annotated[Upload, To("uploads/")],
    original: Annotated[UploadFile, File(alias="picture")],
) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(store)

from typing import Annotated

from signette import App, File, UploadFile


async def store(picture: Annotated[UploadFile, File(media_types=["text/csv"], sniff=True)]) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(store)

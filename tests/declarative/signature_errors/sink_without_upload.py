from typing import Annotated

from signette import App, To, UploadFile


async def store(picture: Annotated[UploadFile, To("uploads/")]) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(store)

from typing import Annotated

from signette import App, To, Upload


async def remove(upload: Upload) -> None: ...


async def store(picture: Annotated[Upload, To("uploads/", undo=remove)]) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(store)

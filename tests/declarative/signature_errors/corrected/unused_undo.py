from typing import Annotated

from signette import App, To, Upload


async def store(picture: Annotated[Upload, To("uploads/")]) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(store)

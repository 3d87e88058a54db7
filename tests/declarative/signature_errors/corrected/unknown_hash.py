from typing import Annotated

from signette import App, To, Upload


async def store(picture: Annotated[Upload, To("uploads/", hash="sha256")]) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(store)

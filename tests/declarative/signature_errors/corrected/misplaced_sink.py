from typing import Annotated

from signette import App, To, Upload


async def store(picture: Annotated[list[Upload], To("uploads/")]) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(store)

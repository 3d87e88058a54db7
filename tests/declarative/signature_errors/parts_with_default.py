from typing import Annotated

from signette import App, File, Parts


async def archive(parts: Annotated[Parts, File(default_factory=list)]) -> None: ...


def declare(app: App) -> None:
    app.post("/archive")(archive)

from typing import Annotated

from signette import App, File, Parts


async def archive(parts: Annotated[Parts, File(max_bytes=1_000_000)]) -> None: ...


def declare(app: App) -> None:
    app.post("/archive")(archive)

from typing import Annotated

from signette import App, Body


async def upload(data: Annotated[bytes, Body()]) -> None: ...


def declare(app: App) -> None:
    app.post("/upload", max_body_size=10 * 1024 * 1024)(upload)

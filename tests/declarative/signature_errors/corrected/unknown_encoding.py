from typing import Annotated

from signette import App, Body


async def upload(data: Annotated[bytes, Body()]) -> None: ...


def declare(app: App) -> None:
    app.post("/upload", request_encodings=["gzip", "br"])(upload)

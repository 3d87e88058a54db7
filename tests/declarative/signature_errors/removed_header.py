from typing import Annotated

from signette import App, Body, Header


async def upload(data: Annotated[bytes, Body()], content_encoding: Annotated[str, Header()] = "identity") -> None: ...


def declare(app: App) -> None:
    app.post("/upload", request_encodings=["gzip"])(upload)

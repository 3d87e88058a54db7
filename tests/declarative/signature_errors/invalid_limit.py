from typing import Annotated

from signette import App, Body


async def upload(data: Annotated[bytes, Body()]) -> None: ...


def declare(app: App) -> None:
    app.post("/upload", max_body_size="10MB")(upload)  # type: ignore[arg-type]  # the error

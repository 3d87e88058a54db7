"""The parts of a form as they arrive, with a rule for each file, after a guard and a query parameter."""

from typing import Annotated

from signette import App, File, Parts, Security
from signette.security import APIKeyHeader

app = App(openapi_url=None)


@app.post("/archive")
async def archive(
    key: Annotated[str, Security(APIKeyHeader(name="x-key"))],
    folder: int,
    parts: Annotated[Parts, File(max_bytes=1_000_000, media_types=["image/*"])],
) -> list[str]:
    return [part.name async for part in parts]

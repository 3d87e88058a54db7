"""A file that goes to a directory while it arrives, and one with rules, after a query parameter."""

from typing import Annotated

from signette import App, File, Form, To, Upload, UploadFile

app = App(openapi_url=None)


@app.post("/files")
async def store(
    folder: int,
    original: Annotated[Upload, File(max_bytes=1_000_000_000), To("uploads/")],
    preview: Annotated[UploadFile | None, File(max_bytes=100_000, media_types=["image/png"], sniff=True)] = None,
    title: Annotated[str, Form()] = "",
) -> str:
    return original.filename or title

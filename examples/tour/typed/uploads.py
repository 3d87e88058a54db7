"""File uploads: metadata, reading, limits."""

import shutil

from pydantic import BaseModel

from examples.tour.typed.dependencies import Stage
from signette import Request, Response, Router, UploadFile

router = Router(tags=["uploads"])


class Saved(BaseModel):
    field: str
    filename: str
    content_type: str | None
    size: int | None
    path: str


class Uploaded(BaseModel):
    uploaded_files: list[Saved]


@router.post("/upload")
def upload_endpoint(
    backstage: Stage, document: UploadFile | None = None, picture: UploadFile | None = None
) -> Uploaded:
    # A `def` function: it runs in a worker thread, where writing to disk does not block other requests.
    saved = []
    for field, file in {"document": document, "picture": picture}.items():
        if file and file.filename:
            path = backstage.new_upload()
            with path.open("wb") as target:
                shutil.copyfileobj(file.file, target)
            saved.append(
                Saved(
                    field=field,
                    filename=file.filename,
                    content_type=file.content_type,
                    size=file.size,
                    path=f"uploads/{path.name}",
                )
            )
    return Uploaded(uploaded_files=saved)


class Inspected(BaseModel):
    filename: str | None
    content_type: str | None
    headers: dict[str, str]
    size: int | None
    start: str
    is_text: bool


@router.post("/upload/inspect")
async def inspect_upload(upload_file: UploadFile) -> Inspected:
    start = await upload_file.read(4)
    await upload_file.seek(0)
    content = await upload_file.read()
    return Inspected(
        filename=upload_file.filename,
        content_type=upload_file.content_type,
        headers=dict(upload_file.headers),
        size=upload_file.size,
        start=start.hex(),
        is_text=content.isascii(),
    )


@router.post("/upload/sign")
async def counter_sign(upload_file: UploadFile) -> Response:
    await upload_file.seek(upload_file.size or 0)
    await upload_file.write(b"\n-- seen")
    await upload_file.seek(0)
    return Response(await upload_file.read(), media_type=upload_file.content_type)


@router.post("/upload/few")
async def few_uploads(request: Request) -> list[str]:
    # A form that is read by hand can have its own limits.
    async with request.form(max_files=2, max_fields=1) as form:
        return sorted(form)

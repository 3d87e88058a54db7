"""File uploads: metadata, reading, limits."""

import anyio

from signette.datastructures import FormData, UploadFile
from signette.exceptions import HTTPException
from signette.requests import Request
from signette.responses import JSONResponse, Response
from signette.routing import Route


async def upload_endpoint(request: Request) -> Response:
    form = await request.form()
    backstage = request.state.backstage
    uploaded_files = []
    # Process multiple file uploads
    for field_name, file in form.items():
        if isinstance(file, UploadFile) and file.filename:
            # Save file to disk, with a generated name
            path = backstage.new_upload()
            async with await anyio.open_file(path, "wb") as f:
                # Read in chunks to handle large files
                while chunk := await file.read(64 * 1024):
                    await f.write(chunk)
            uploaded_files.append(
                {
                    "field": field_name,
                    "filename": file.filename,
                    "content_type": file.content_type,
                    "size": file.size,
                    "path": f"uploads/{path.name}",
                }
            )
    await form.close()
    return JSONResponse({"uploaded_files": uploaded_files})


def upload_of(form: FormData, name: str) -> UploadFile:
    """The file in this field. Raises HTTPException: 400, if it is missing or text."""
    upload = form.get(name)
    if not isinstance(upload, UploadFile):
        raise HTTPException(400, f"`{name}` is a file")
    return upload


async def inspect_upload(request: Request) -> Response:
    # The end of the block closes the files of the form
    async with request.form() as form:
        upload = upload_of(form, "upload_file")
        start = await upload.read(4)
        # Back to the start of the file
        await upload.seek(0)
        content = await upload.read()
        return JSONResponse(
            {
                "filename": upload.filename,
                "content_type": upload.content_type,
                "headers": dict(upload.headers),
                "size": upload.size,
                "start": start.hex(),
                "is_text": content.isascii(),
            }
        )


async def counter_sign(request: Request) -> Response:
    async with request.form() as form:
        upload = upload_of(form, "upload_file")
        # It can be written to, and `upload.file` is a Python file for other libraries
        await upload.seek(upload.size or 0)
        await upload.write(b"\n-- seen")
        await upload.seek(0)
        return Response(await upload.read(), media_type=upload.content_type)


async def few_uploads(request: Request) -> Response:
    # More files are rejected with 400 while they arrive
    async with request.form(max_files=2, max_fields=1) as form:
        return JSONResponse(sorted(form))


routes = [
    Route("/upload", upload_endpoint, methods=["POST"]),
    Route("/upload/inspect", inspect_upload, methods=["POST"]),
    Route("/upload/sign", counter_sign, methods=["POST"]),
    Route("/upload/few", few_uploads, methods=["POST"]),
]

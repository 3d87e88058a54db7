"""Request bodies: JSON, forms, uploads, raw bytes, streams."""

from signette.datastructures import FormData, UploadFile
from signette.requests import Request
from signette.responses import JSONResponse, Response
from signette.routing import Route

MOST_BYTES = 10 * 1024 * 1024


async def json_endpoint(request: Request) -> Response:
    try:
        # Parse JSON body
        data = await request.json()
        # Process data
        return JSONResponse({"received": data, "type": type(data).__name__})
    except ValueError as e:
        return JSONResponse({"error": "Invalid JSON", "details": str(e)}, status_code=400)


def text_of(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""  # the client may send a file instead


async def form_endpoint(request: Request) -> Response:
    # Parse form data (application/x-www-form-urlencoded or multipart/form-data)
    form = await request.form()
    response_data: dict[str, object] = {
        # Access form fields
        "name": text_of(form, "name"),
        "email": text_of(form, "email"),
        # Multiple values
        "interests": [value for value in form.getlist("interest") if isinstance(value, str)],
    }
    # File uploads; the value of a text field is not a file
    avatar = form.get("avatar")
    if isinstance(avatar, UploadFile) and avatar.filename:
        # Read file content
        content = await avatar.read()
        response_data["avatar"] = {
            "filename": avatar.filename,
            "content_type": avatar.content_type,
            "size": len(content),
        }
    # Close form to clean up its files
    await form.close()
    return JSONResponse(response_data)


async def raw_body(request: Request) -> Response:
    # Get complete body as bytes
    body = await request.body()
    return JSONResponse({"body_size": len(body), "content_type": request.headers.get("content-type")})


async def streaming_body(request: Request) -> Response:
    # Process body in chunks (memory efficient for large uploads)
    chunks = total_size = 0
    async for chunk in request.stream():
        chunks += bool(chunk)  # the last one is empty
        total_size += len(chunk)
        # Early termination if too large
        if total_size > MOST_BYTES:
            return JSONResponse({"error": "Request too large"}, status_code=413)
    return JSONResponse({"chunks": chunks, "total_size": total_size})


routes = [
    Route("/json", json_endpoint, methods=["POST"]),
    Route("/form", form_endpoint, methods=["POST"]),
    Route("/raw", raw_body, methods=["POST"]),
    Route("/raw/stream", streaming_body, methods=["POST"]),
]

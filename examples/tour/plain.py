"""The tour on the plain toolkit: `signette run examples.tour.plain:app`. `typed.py` answers alike, with types."""

# ruff: noqa: ARG001, ERA001 - each endpoint is given the request, needed or not; the tests send the last lines

from collections.abc import AsyncIterator

import anyio

from examples.tour.backstage import lifespan, send_email
from signette.applications import Application
from signette.background import BackgroundTask
from signette.datastructures import FormData, UploadFile
from signette.exceptions import HTTPException
from signette.requests import Request
from signette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from signette.routing import Route

MOST_BYTES = 10 * 1024 * 1024

# -- what a request brings ---------------------------------------------------------------------------------------------


async def request_info(request: Request) -> Response:
    return JSONResponse(
        {
            "method": request.method,
            "url": str(request.url),
            "path": request.url.path,
            "query": str(request.query_params),
            "headers": dict(request.headers),
            "client": request.client and request.client.host,
        }
    )


async def search(request: Request) -> Response:
    # Access query parameters
    query = request.query_params.get("q", "")
    page = request.query_params.get("page", "1")
    per_page = request.query_params.get("per_page", "10")
    # Convert to appropriate types
    try:
        numbers = {"page": int(page), "per_page": int(per_page)}
    except ValueError:
        return JSONResponse({"error": "Invalid parameters"}, status_code=400)
    # Multiple values for same parameter
    tags = request.query_params.getlist("tag")  # ?tag=python&tag=web
    return JSONResponse({"query": query, **numbers, "tags": tags})


async def user_posts(request: Request) -> Response:
    # Extract path parameters; the convertor has made them numbers
    user_id = request.path_params["user_id"]
    # Optional parameters
    post_id = request.path_params.get("post_id")
    return JSONResponse({"user_id": user_id, "post_id": post_id})


async def header_info(request: Request) -> Response:
    # Case-insensitive header access
    content_type = request.headers.get("content-type")
    user_agent = request.headers.get("user-agent")
    authorization = request.headers.get("authorization")
    # Custom headers
    api_key = request.headers.get("x-api-key")
    # Get all values for header (rare)
    accept_values = request.headers.getlist("accept")
    return JSONResponse(
        {
            "content_type": content_type,
            "user_agent": user_agent,
            "has_auth": bool(authorization),
            "api_key": bool(api_key),
            "accept": accept_values,
        }
    )


async def cookie_info(request: Request) -> Response:
    # Access cookies
    session_id = request.cookies.get("session_id")
    preferences = request.cookies.get("preferences", "{}")
    return JSONResponse(
        {
            "session_id": bool(session_id),
            "preferences": preferences,
            "all_cookies": list(request.cookies.keys()),
        }
    )


# -- bodies ------------------------------------------------------------------------------------------------------------


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
    return value if isinstance(value, str) else ""  # a client may send a file in its place


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
    # File uploads; what was typed into a text field is no file
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


async def upload_endpoint(request: Request) -> Response:
    form = await request.form()
    backstage = request.state.backstage
    uploaded_files = []
    # Process multiple file uploads
    for field_name, file in form.items():
        if isinstance(file, UploadFile) and file.filename:
            # Save file to disk, under a name of our own
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


# -- answers -----------------------------------------------------------------------------------------------------------


async def api(request: Request) -> Response:
    # Simple JSON response
    return JSONResponse({"message": "success"})


async def api_with_status(request: Request) -> Response:
    # JSON with custom status code
    return JSONResponse({"error": "Resource not found"}, status_code=404)


async def api_with_headers(request: Request) -> Response:
    # JSON with custom headers
    return JSONResponse({"data": "value"}, headers={"X-Custom-Header": "value"})


async def text(request: Request) -> Response:
    return PlainTextResponse("Hello, plain text!")


async def html(request: Request) -> Response:
    html_content = """
<!DOCTYPE html>
<html>
<head><title>Hello</title></head>
<body><h1>Hello, HTML!</h1></body>
</html>
"""
    return HTMLResponse(html_content)


async def redirect(request: Request) -> Response:
    # Temporary redirect (307)
    return RedirectResponse("/new-location")


async def permanent_redirect(request: Request) -> Response:
    # Permanent redirect (301)
    return RedirectResponse("/new-location", status_code=301)


async def redirect_with_params(request: Request) -> Response:
    # Redirect to named route
    user_id = request.path_params["user_id"]
    return RedirectResponse(request.url_for("user_profile", user_id=user_id))


async def new_location(request: Request) -> Response:
    return PlainTextResponse("Here it is.")


async def download_file(request: Request) -> Response:
    # Simple file download
    return FileResponse(request.state.backstage.folder / "documents/report.pdf", filename="monthly_report.pdf")


async def download_with_headers(request: Request) -> Response:
    # File download with custom headers
    return FileResponse(
        request.state.backstage.folder / "data/export.csv",
        media_type="text/csv",
        headers={"X-Custom-Header": "value"},
        filename="data_export.csv",
    )


async def inline_file(request: Request) -> Response:
    # Display file inline (not download)
    return FileResponse(request.state.backstage.folder / "images/chart.png", content_disposition_type="inline")


# -- streams -----------------------------------------------------------------------------------------------------------


def number_of(request: Request, name: str, default: float, most: float) -> float:
    try:
        number = float(request.query_params.get(name, default))
    except ValueError:
        number = -1
    if not 0 <= number <= most:
        raise HTTPException(400, f"`{name}` is a number from 0 to {most:g}")
    return number


async def stream(request: Request) -> Response:
    pause = number_of(request, "pause", 0.1, most=1)

    # Stream generated data
    async def generate_data() -> AsyncIterator[str]:
        for i in range(100):
            yield f"data chunk {i}\n"
            await anyio.sleep(pause)  # Simulate processing

    return StreamingResponse(generate_data(), media_type="text/plain")


async def csv_stream(request: Request) -> Response:
    pause = number_of(request, "pause", 0.01, most=1)

    # Stream CSV data
    async def generate_csv() -> AsyncIterator[str]:
        yield "id,name,email\n"
        # Simulate database streaming
        for i in range(1000):
            yield f"{i},User {i},user{i}@example.com\n"
            if i % 100 == 0:
                await anyio.sleep(pause)  # Yield control

    return StreamingResponse(
        generate_csv(),
        media_type="text/csv",
        headers={"Content-Disposition": "attachment; filename=users.csv"},
    )


async def server_sent_events(request: Request) -> Response:
    pause = number_of(request, "pause", 1, most=1)
    count = number_of(request, "count", 10, most=1000)

    # Server-Sent Events stream
    async def event_stream() -> AsyncIterator[str]:
        counter = 0
        while counter < count:
            # Check if client disconnected
            if await request.is_disconnected():
                break
            # Send event
            yield f"data: Event {counter}\n\n"
            counter += 1
            await anyio.sleep(pause)

    return StreamingResponse(
        event_stream(),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "Connection": "keep-alive"},
    )


# -- cookies and background work ---------------------------------------------------------------------------------------


async def set_cookie(request: Request) -> Response:
    response = JSONResponse({"message": "Cookie set"})
    # Simple cookie
    response.set_cookie("simple", "value")
    # Cookie with options
    response.set_cookie(
        key="preferences",
        value="dark_theme",
        max_age=30 * 24 * 60 * 60,  # 30 days
        secure=True,
        httponly=True,
        samesite="strict",
    )
    return response


async def delete_cookie(request: Request) -> Response:
    response = JSONResponse({"message": "Cookie deleted"})
    response.delete_cookie("preferences")
    return response


async def user_signup(request: Request) -> Response:
    data = await request.json()
    if not isinstance(data, dict) or not isinstance(data.get("email"), str):
        return JSONResponse({"error": "An email is needed"}, status_code=400)
    # Create user immediately
    user_id = request.state.backstage.create_user(data)
    # Send welcome email in background
    task = BackgroundTask(send_email, to=data["email"], subject="Welcome!", body="Thanks for signing up!")
    return JSONResponse({"user_id": user_id, "message": "User created"}, background=task)


app = Application(
    lifespan=lifespan,
    routes=[
        Route("/info", request_info),
        Route("/search", search),
        Route("/users/{user_id:int}", user_posts, name="user_profile"),
        Route("/users/{user_id:int}/posts/{post_id:int}", user_posts),
        Route("/headers", header_info),
        Route("/cookies", cookie_info),
        Route("/json", json_endpoint, methods=["POST"]),
        Route("/form", form_endpoint, methods=["POST"]),
        Route("/upload", upload_endpoint, methods=["POST"]),
        Route("/raw", raw_body, methods=["POST"]),
        Route("/raw/stream", streaming_body, methods=["POST"]),
        Route("/api", api),
        Route("/api/status", api_with_status),
        Route("/api/headers", api_with_headers),
        Route("/text", text),
        Route("/html", html),
        Route("/redirect", redirect),
        Route("/redirect/permanent", permanent_redirect),
        Route("/redirect/users/{user_id:int}", redirect_with_params),
        Route("/new-location", new_location),
        Route("/download", download_file),
        Route("/download/export", download_with_headers),
        Route("/download/chart", inline_file),
        Route("/stream", stream),
        Route("/stream/csv", csv_stream),
        Route("/events", server_sent_events),
        Route("/cookies/set", set_cookie),
        Route("/cookies/delete", delete_cookie),
        Route("/signup", user_signup, methods=["POST"]),
    ],
)

# try: GET /users/3/posts/0 -> 200 {"user_id": 3, "post_id": 0}
# try: GET /search?q=tour&page=two -> 400 {"error": "Invalid parameters"}
# try: POST /form form name=Ada&interest=a&interest=b -> 200 {"name": "Ada", "email": "", "interests": ["a", "b"]}

"""The tour with typed endpoints: `signette run examples.tour.typed:app`. `plain.py` answers alike, by hand."""

# ruff: noqa: ERA001 - the tests send the last lines

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import anyio
from pydantic import BaseModel

from examples.tour.backstage import Backstage, lifespan, send_email
from signette import (
    App,
    BackgroundTasks,
    Body,
    Cookie,
    Depends,
    FileResponse,
    Form,
    Header,
    HTMLResponse,
    Problem,
    Query,
    RedirectResponse,
    Request,
    Response,
    StreamingResponse,
    UploadFile,
)
from signette.responses import ServerSentEvent

app = App(title="Tour", lifespan=lifespan)


async def backstage_of(request: Request) -> Backstage:
    """What the application made at its start."""
    backstage: Backstage = request.state.backstage
    return backstage


Stage = Annotated[Backstage, Depends(backstage_of)]
Pause = Annotated[float, Query(ge=0, le=1, description="Seconds between two pieces.")]

# -- what a request brings ---------------------------------------------------------------------------------------------


class RequestInfo(BaseModel):
    method: str
    url: str
    path: str
    query: str
    headers: dict[str, str]
    client: str | None


@app.get("/info")
async def request_info(request: Request) -> RequestInfo:
    return RequestInfo(
        method=request.method,
        url=str(request.url),
        path=request.url.path,
        query=str(request.query_params),
        headers=dict(request.headers),
        client=request.client and request.client.host,
    )


class Found(BaseModel):
    query: str
    page: int
    per_page: int
    tags: list[str]


@app.get("/search")
async def search(
    q: str = "",
    page: int = 1,
    per_page: int = 10,
    tag: Annotated[list[str], Query()] = [],  # noqa: B006 - copied
) -> Found:
    return Found(query=q, page=page, per_page=per_page, tags=tag)


class UserPost(BaseModel):
    user_id: int
    post_id: int | None = None


@app.get("/users/{user_id:int}", name="user_profile")
async def user(user_id: int) -> UserPost:
    return UserPost(user_id=user_id)


@app.get("/users/{user_id:int}/posts/{post_id:int}")
async def user_post(user_id: int, post_id: int) -> UserPost:
    return UserPost(user_id=user_id, post_id=post_id)


class HeaderInfo(BaseModel):
    content_type: str | None
    user_agent: str | None
    has_auth: bool
    api_key: bool
    accept: list[str]


@app.get("/headers")
async def header_info(
    content_type: Annotated[str | None, Header()] = None,
    user_agent: Annotated[str | None, Header()] = None,
    authorization: Annotated[str | None, Header()] = None,
    x_api_key: Annotated[str | None, Header()] = None,
    accept: Annotated[list[str], Header()] = [],  # noqa: B006 - copied
) -> HeaderInfo:
    return HeaderInfo(
        content_type=content_type,
        user_agent=user_agent,
        has_auth=bool(authorization),
        api_key=bool(x_api_key),
        accept=accept,
    )


class CookieInfo(BaseModel):
    session_id: bool
    preferences: str
    all_cookies: list[str]


@app.get("/cookies")
async def cookie_info(
    request: Request,
    session_id: Annotated[str | None, Cookie()] = None,
    preferences: Annotated[str, Cookie()] = "{}",
) -> CookieInfo:
    return CookieInfo(session_id=bool(session_id), preferences=preferences, all_cookies=list(request.cookies))


# -- bodies ------------------------------------------------------------------------------------------------------------


class Received(BaseModel):
    received: Any
    type: str


@app.post("/json")
async def json_endpoint(data: Annotated[Any, Body()]) -> Received:
    return Received(received=data, type=type(data).__name__)


class Avatar(BaseModel):
    filename: str
    content_type: str | None
    size: int


class FormAnswer(BaseModel):
    name: str
    email: str
    interests: list[str]
    avatar: Avatar | None = None


@app.post("/form", response_model_exclude_unset=True)
async def form_endpoint(
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    interest: Annotated[list[str], Form()] = [],  # noqa: B006 - copied
    avatar: UploadFile | None = None,
) -> FormAnswer:
    answer = FormAnswer(name=name, email=email, interests=interest)
    if avatar and avatar.filename:
        size = len(await avatar.read())
        answer.avatar = Avatar(filename=avatar.filename, content_type=avatar.content_type, size=size)
    return answer


class Saved(BaseModel):
    field: str
    filename: str
    content_type: str | None
    size: int | None
    path: str


class Uploaded(BaseModel):
    uploaded_files: list[Saved]


@app.post("/upload")
def upload_endpoint(
    backstage: Stage, document: UploadFile | None = None, picture: UploadFile | None = None
) -> Uploaded:
    # A plain function: it runs in a worker thread, where writing to disk stops nobody else.
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


class BodyInfo(BaseModel):
    body_size: int
    content_type: str | None


@app.post("/raw")
async def raw_body(
    body: Annotated[bytes, Body()] = b"", content_type: Annotated[str | None, Header()] = None
) -> BodyInfo:
    return BodyInfo(body_size=len(body), content_type=content_type)


class Counted(BaseModel):
    chunks: int
    total_size: int


@app.post("/raw/stream", max_body_size=10 * 1024 * 1024)
async def streaming_body(request: Request) -> Counted:
    sizes = [len(chunk) async for chunk in request.stream() if chunk]
    return Counted(chunks=len(sizes), total_size=sum(sizes))


# -- answers -----------------------------------------------------------------------------------------------------------


class ResourceNotFound(Problem, status=404):
    "Resource not found"


@app.get("/api")
async def api() -> dict[str, str]:
    return {"message": "success"}


@app.get("/api/status")
async def api_with_status() -> ResourceNotFound:
    return ResourceNotFound()


@app.get("/api/headers")
async def api_with_headers(response: Response) -> dict[str, str]:
    response.headers["X-Custom-Header"] = "value"
    return {"data": "value"}


@app.get("/text")
async def text() -> str:
    return "Hello, plain text!"


@app.get("/html", response_class=HTMLResponse)
async def html() -> str:
    return """
<!DOCTYPE html>
<html>
<head><title>Hello</title></head>
<body><h1>Hello, HTML!</h1></body>
</html>
"""


@app.get("/redirect")
async def redirect() -> RedirectResponse:
    return RedirectResponse("/new-location")


@app.get("/redirect/permanent", response_class=RedirectResponse, status_code=301)
async def permanent_redirect() -> str:
    return "/new-location"


@app.get("/redirect/users/{user_id:int}")
async def redirect_with_params(user_id: int, request: Request) -> RedirectResponse:
    return RedirectResponse(request.url_for("user_profile", user_id=user_id))


@app.get("/new-location")
async def new_location() -> str:
    return "Here it is."


@app.get("/download")
async def download_file(backstage: Stage) -> FileResponse:
    return FileResponse(backstage.folder / "documents/report.pdf", filename="monthly_report.pdf")


@app.get("/download/export")
async def download_with_headers(backstage: Stage) -> FileResponse:
    return FileResponse(
        backstage.folder / "data/export.csv",
        media_type="text/csv",
        headers={"X-Custom-Header": "value"},
        filename="data_export.csv",
    )


@app.get("/download/chart")
async def inline_file(backstage: Stage) -> Path:
    return backstage.folder / "images/chart.png"


# -- streams -----------------------------------------------------------------------------------------------------------


@app.get("/stream")
async def stream(pause: Pause = 0.1) -> AsyncIterator[str]:
    for i in range(100):
        yield f"data chunk {i}\n"
        await anyio.sleep(pause)


class CSVResponse(StreamingResponse):
    media_type = "text/csv"


@app.get("/stream/csv", response_class=CSVResponse)
async def csv_stream(response: Response, pause: Pause = 0.01) -> AsyncIterator[str]:
    # Headers are set before the first piece: here, where no `yield` stands.
    response.headers["Content-Disposition"] = "attachment; filename=users.csv"
    return generate_csv(pause)


async def generate_csv(pause: float) -> AsyncIterator[str]:
    yield "id,name,email\n"
    for i in range(1000):
        yield f"{i},User {i},user{i}@example.com\n"
        if i % 100 == 0:
            await anyio.sleep(pause)


@app.get("/events")
async def server_sent_events(
    count: Annotated[float, Query(ge=0, le=1000)] = 10, pause: Pause = 1
) -> AsyncIterator[ServerSentEvent]:
    counter = 0
    while counter < count:
        yield ServerSentEvent(f"Event {counter}")
        counter += 1
        await anyio.sleep(pause)


# -- cookies and background work ---------------------------------------------------------------------------------------


@app.get("/cookies/set")
async def set_cookie(response: Response) -> dict[str, str]:
    response.set_cookie("simple", "value")
    response.set_cookie(
        "preferences", "dark_theme", max_age=30 * 24 * 60 * 60, secure=True, httponly=True, samesite="strict"
    )
    return {"message": "Cookie set"}


@app.get("/cookies/delete")
async def delete_cookie(response: Response) -> dict[str, str]:
    response.delete_cookie("preferences")
    return {"message": "Cookie deleted"}


class Signup(BaseModel, extra="allow"):
    email: str


class SignedUp(BaseModel):
    user_id: int
    message: str


@app.post("/signup")
async def user_signup(data: Signup, backstage: Stage, tasks: BackgroundTasks) -> SignedUp:
    user_id = backstage.create_user(data.model_dump())
    tasks.add_task(send_email, to=data.email, subject="Welcome!", body="Thanks for signing up!")
    return SignedUp(user_id=user_id, message="User created")


# try: GET /users/3/posts/0 -> 200 {"user_id": 3, "post_id": 0}
# try: GET /search?q=tour&page=two -> 422 has {"detail": "1 value is not valid"}
# try: POST /form form name=Ada&interest=a&interest=b -> 200 {"name": "Ada", "email": "", "interests": ["a", "b"]}

"""Request bodies: JSON, forms, uploads, raw bytes, streams."""

from typing import Annotated, Any

from pydantic import BaseModel

from signette import Body, Form, Header, Request, Router, UploadFile

router = Router(tags=["bodies"])


class Received(BaseModel):
    received: Any
    type: str


@router.post("/json")
async def json_endpoint(data: Annotated[Any, Body()]) -> Received:
    return Received(received=data, type=type(data).__name__)


class Avatar(BaseModel):
    filename: str
    content_type: str | None
    size: int


class FormResult(BaseModel):
    name: str
    email: str
    interests: list[str]
    avatar: Avatar | None = None


@router.post("/form", response_model_exclude_unset=True)
async def form_endpoint(
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    interest: Annotated[list[str], Form()] = [],  # noqa: B006 - copied
    avatar: UploadFile | None = None,
) -> FormResult:
    result = FormResult(name=name, email=email, interests=interest)
    if avatar and avatar.filename:
        size = len(await avatar.read())
        result.avatar = Avatar(filename=avatar.filename, content_type=avatar.content_type, size=size)
    return result


class BodyInfo(BaseModel):
    body_size: int
    content_type: str | None


@router.post("/raw")
async def raw_body(
    body: Annotated[bytes, Body()] = b"", content_type: Annotated[str | None, Header()] = None
) -> BodyInfo:
    return BodyInfo(body_size=len(body), content_type=content_type)


class Counted(BaseModel):
    chunks: int
    total_size: int


@router.post("/raw/stream", max_body_size=10 * 1024 * 1024)
async def streaming_body(request: Request) -> Counted:
    sizes = [len(chunk) async for chunk in request.stream() if chunk]
    return Counted(chunks=len(sizes), total_size=sum(sizes))

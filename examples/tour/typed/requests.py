"""Query parameters, path parameters, headers, cookies."""

from typing import Annotated

from pydantic import BaseModel

from signette import Cookie, Header, Query, Request, Router

router = Router(tags=["requests"])


class RequestInfo(BaseModel):
    method: str
    url: str
    path: str
    query: str
    headers: dict[str, str]
    client: str | None


@router.get("/info")
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


@router.get("/search")
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


@router.get("/users/{user_id:int}", name="user_profile")
async def user(user_id: int) -> UserPost:
    return UserPost(user_id=user_id)


@router.get("/users/{user_id:int}/posts/{post_id:int}")
async def user_post(user_id: int, post_id: int) -> UserPost:
    return UserPost(user_id=user_id, post_id=post_id)


class Post(BaseModel):
    postid: str
    name: str | None


@router.get("/post/{postid}")
async def post(postid: str, name: str | None = None) -> Post:
    return Post(postid=postid, name=name)


class HeaderInfo(BaseModel):
    content_type: str | None
    user_agent: str | None
    has_auth: bool
    api_key: bool
    accept: list[str]


@router.get("/headers")
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


@router.get("/cookies")
async def cookie_info(
    request: Request,
    session_id: Annotated[str | None, Cookie()] = None,
    preferences: Annotated[str, Cookie()] = "{}",
) -> CookieInfo:
    return CookieInfo(session_id=bool(session_id), preferences=preferences, all_cookies=list(request.cookies))

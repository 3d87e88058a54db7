"""The context of a request: its URL, its client, its scope, Ajax requests."""

from typing import Annotated

from pydantic import BaseModel

from signette import Header, Request, Router

router = Router(tags=["context"])


class URLParts(BaseModel):
    url: str
    scheme: str
    netloc: str
    hostname: str | None
    port: int | None
    path: str
    query: str
    is_secure: bool


@router.get("/context/url")
async def url_parts(request: Request) -> URLParts:
    url = request.url
    return URLParts(
        url=str(url),
        scheme=url.scheme,
        netloc=url.netloc,
        hostname=url.hostname,
        port=url.port,
        path=url.path,
        query=url.query,
        is_secure=url.is_secure,
    )


class ClientAndMethod(BaseModel):
    host: str | None
    port: int | None
    method: str


@router.api_route("/context/client", methods=["GET", "POST"])
async def client_and_method(request: Request) -> ClientAndMethod:
    host, port = request.client or (None, None)
    return ClientAndMethod(host=host, port=port, method=request.method)


class ScopeInfo(BaseModel):
    type: str
    http_version: str
    scheme: str
    method: str
    root_path: str
    path: str
    raw_path: str
    query_string: str
    headers: list[str]
    endpoint: str
    path_params: dict[str, str]
    same_app: bool


@router.get("/context/scope/{rest:path}")
async def scope_info(rest: str, request: Request) -> ScopeInfo:
    return ScopeInfo(
        **{key: request[key] for key in ("type", "http_version", "scheme", "method", "root_path", "path")},
        raw_path=request["raw_path"].decode("latin-1"),
        query_string=request["query_string"].decode("latin-1"),
        headers=[name.decode("latin-1") for name, _ in request["headers"]],
        endpoint=request["endpoint"].__name__,
        path_params={"rest": rest},
        same_app=request["app"] is request.app,
    )


@router.get("/context/ajax")
async def is_ajax(x_requested_with: Annotated[str | None, Header()] = None) -> bool:
    return x_requested_with == "XMLHttpRequest"

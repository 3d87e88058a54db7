"""The context of a request: its URL, its client, its scope, Ajax requests."""

from signette.requests import Request
from signette.responses import JSONResponse, Response
from signette.routing import Route


async def url_parts(request: Request) -> Response:
    url = request.url
    return JSONResponse(
        {
            "url": str(url),
            "scheme": url.scheme,
            "netloc": url.netloc,
            "hostname": url.hostname,
            "port": url.port,
            "path": url.path,
            "query": url.query,
            "is_secure": url.is_secure,
        }
    )


async def client_and_method(request: Request) -> Response:
    # A server on a Unix socket has no client address
    host, port = request.client or (None, None)
    return JSONResponse({"host": host, "port": port, "method": request.method})


async def scope_info(request: Request) -> Response:
    # A request is a mapping, like its scope
    return JSONResponse(
        {
            **{key: request[key] for key in ("type", "http_version", "scheme", "method", "root_path", "path")},
            "raw_path": request["raw_path"].decode("latin-1"),
            "query_string": request["query_string"].decode("latin-1"),
            "headers": [name.decode("latin-1") for name, _ in request["headers"]],
            "endpoint": request["endpoint"].__name__,
            "path_params": request["path_params"],
            "same_app": request["app"] is request.app,
        }
    )


async def is_ajax(request: Request) -> Response:
    # jQuery sends this header; other libraries differ
    return JSONResponse(request.headers.get("x-requested-with") == "XMLHttpRequest")


routes = [
    Route("/context/url", url_parts),
    Route("/context/client", client_and_method, methods=["GET", "POST"]),
    Route("/context/scope/{rest:path}", scope_info),
    Route("/context/ajax", is_ajax),
]

"""Responses: JSON, text, HTML, status codes, headers, redirects."""

import json

from signette.requests import Request
from signette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from signette.routing import Route


async def api(request: Request) -> Response:
    # Simple JSON response
    return JSONResponse({"message": "success"})


async def api_with_status(request: Request) -> Response:
    # JSON with custom status code
    return JSONResponse({"error": "Resource not found"}, status_code=404)


async def api_with_headers(request: Request) -> Response:
    # JSON with custom headers
    return JSONResponse({"data": "value"}, headers={"X-Custom-Header": "value"})


async def custom(request: Request) -> Response:
    # The base class of all responses: any content, status, headers and media type
    content = json.dumps({"name": "Bo"})
    return Response(content, status_code=201, headers={"X-Extra-Key": "value"}, media_type="application/json")


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


async def see_other(request: Request) -> Response:
    # Redirect to another resource with GET (303); 302 is a temporary redirect, as browsers interpreted it
    return RedirectResponse("/new-location", status_code=303)


async def redirect_with_params(request: Request) -> Response:
    # Redirect to named route
    user_id = request.path_params["user_id"]
    return RedirectResponse(request.url_for("user_profile", user_id=user_id))


async def new_location(request: Request) -> Response:
    return PlainTextResponse("Here it is.")


routes = [
    Route("/api", api),
    Route("/api/status", api_with_status),
    Route("/api/headers", api_with_headers),
    Route("/custom", custom, methods=["POST"]),
    Route("/text", text),
    Route("/html", html),
    Route("/redirect", redirect),
    Route("/redirect/permanent", permanent_redirect),
    Route("/redirect/other", see_other, methods=["POST"]),
    Route("/redirect/users/{user_id:int}", redirect_with_params),
    Route("/new-location", new_location),
]

"""Responses: JSON, text, HTML, status codes, headers, redirects."""

import json

from signette import HTMLResponse, Problem, RedirectResponse, Request, Response, Router

router = Router(tags=["responses"])


class ResourceNotFound(Problem, status=404):
    "Resource not found"


@router.get("/api")
async def api() -> dict[str, str]:
    return {"message": "success"}


@router.get("/api/status")
async def api_with_status() -> ResourceNotFound:
    return ResourceNotFound()


@router.get("/api/headers")
async def api_with_headers(response: Response) -> dict[str, str]:
    response.headers["X-Custom-Header"] = "value"
    return {"data": "value"}


@router.post("/custom", status_code=201)
async def custom() -> Response:
    # A `Response` is sent unchanged.
    content = json.dumps({"name": "Bo"})
    return Response(content, status_code=201, headers={"X-Extra-Key": "value"}, media_type="application/json")


@router.get("/text")
async def text() -> str:
    return "Hello, plain text!"


@router.get("/html", response_class=HTMLResponse)
async def html() -> str:
    return """
<!DOCTYPE html>
<html>
<head><title>Hello</title></head>
<body><h1>Hello, HTML!</h1></body>
</html>
"""


@router.get("/redirect")
async def redirect() -> RedirectResponse:
    return RedirectResponse("/new-location")


@router.get("/redirect/permanent", response_class=RedirectResponse, status_code=301)
async def permanent_redirect() -> str:
    return "/new-location"


@router.post("/redirect/other", response_class=RedirectResponse, status_code=303)
async def see_other() -> str:
    return "/new-location"


@router.get("/redirect/users/{user_id:int}")
async def redirect_with_params(user_id: int, request: Request) -> RedirectResponse:
    return RedirectResponse(request.url_for("user_profile", user_id=user_id))


@router.get("/new-location")
async def new_location() -> str:
    return "Here it is."

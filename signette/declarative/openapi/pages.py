"""The routes that show the contract: the OpenAPI document, and a page that reads it and needs nothing from elsewhere."""

from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from signette._http import json
from signette.requests import Request
from signette.responses.plain import HTMLResponse, Response
from signette.routing.route import Route

# The page brings its own style and script; nothing else may be loaded, and the API itself may be asked.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
    "connect-src 'self' http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def document_routes(openapi_url: str | None, docs_url: str | None) -> list[Any]:
    """The routes of an application's document and of its page, as far as they are wanted."""
    routes: list[Any] = []
    if openapi_url is not None:
        routes.append(Route(openapi_url, show_document, name="openapi", include_in_schema=False))
    if openapi_url is not None and docs_url is not None:
        routes.append(Route(docs_url, show_page, name="docs", include_in_schema=False))
    return routes


async def show_document(request: Request) -> Response:
    """The document of the application that answers, with the path below which it is mounted."""
    document = request.app.openapi()
    root = request.scope.get("root_path", "").rstrip("/")
    if root and "servers" not in document:
        document = {**document, "servers": [{"url": root}]}
    return Response(json.dumps(document), media_type="application/json")


async def show_page(request: Request) -> Response:
    """The page, which asks for the document."""
    app = request.app
    root = request.scope.get("root_path", "").rstrip("/")
    page = page_template()
    page = page.replace("{{title}}", escape(app.info.title)).replace("{{openapi_url}}", escape(root + app.openapi_url))
    return HTMLResponse(page, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})


@cache
def page_template() -> str:
    """The packaged page, with `{{title}}` and `{{openapi_url}}` to be filled in."""
    return (files("signette.declarative.openapi") / "assets" / "docs.html").read_text("utf-8")

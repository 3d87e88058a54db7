"""The routes of the OpenAPI document and of the API docs, a page without external resources."""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any

from signette._http import json
from signette.declarative.routing.route_list import DocumentRoute
from signette.paths import root_for_url
from signette.requests import Request
from signette.responses.plain import HTMLResponse, Response

# The parts of the script, in order.
SCRIPTS = ("dom", "contract", "schema", "login", "security", "fields", "request", "response", "operation", "page")

_PLACEHOLDER = re.compile(r"{{(\w+)}}")
_SERVER = re.compile(r"(https?)://([^/?#]*)", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9.-]+(:[0-9]+)?", re.IGNORECASE | re.ASCII)  # CSP 3 §2.3.1: no IPv6


@dataclass(frozen=True, slots=True)
class Page:
    """The page with placeholders `{{title}}` and `{{openapi_url}}`, and its Content-Security-Policy."""

    html: str
    policy: str

    def fill(self, values: Mapping[str, str]) -> str:
        """The page with its placeholders replaced by escaped values. Placeholders in values are not replaced."""
        return _PLACEHOLDER.sub(lambda match: escape(values[match[1]]), self.html)


def document_routes(openapi_url: str | None, docs_url: str | None, redoc_url: str | None) -> list[Any]:
    """The routes of the OpenAPI document and the API docs, unless they are disabled."""
    routes: list[Any] = []
    if openapi_url is not None:
        routes.append(DocumentRoute(openapi_url, show_document, name="openapi", include_in_schema=False))
    for name, url in (("docs", docs_url), ("redoc", redoc_url)):
        if openapi_url is not None and url is not None:
            routes.append(DocumentRoute(url, show_page, name=name, include_in_schema=False))
    return routes


async def show_document(request: Request) -> Response:
    """Send the OpenAPI document, with a server entry for the path that the application is mounted at."""
    document = request.app.openapi()
    root = root_for_url(request.scope)
    if root and "servers" not in document and request.app.root_path_in_servers:
        document = {**document, "servers": [{"url": root}]}
    return Response(json.dumps(document), media_type="application/json")


def show_page(request: Request) -> Response:
    """Send the API docs. Runs in a worker thread, as the first request reads files."""
    app = request.app
    root = root_for_url(request.scope)
    page = page_template()
    html = page.fill({"title": app.info.title, "openapi_url": root + app.openapi_url})
    origins = " ".join(["'self'", *_origins(_addresses(app.openapi()))])
    return HTMLResponse(html, headers={"Content-Security-Policy": f"{page.policy}; connect-src {origins}"})


@cache
def page_template() -> Page:
    """The page with its style and script. Read once, so that the hashes match what is sent."""
    assets = files("signette.declarative.openapi") / "assets"
    style = (assets / "docs.css").read_text("utf-8")
    script = "\n".join((assets / "scripts" / f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    parts = {"style": style, "script": script}
    html = _PLACEHOLDER.sub(lambda match: parts.get(match[1], match[0]), (assets / "docs.html").read_text("utf-8"))
    return Page(html, _policy(style, script))


def _policy(style: str, script: str) -> str:
    """The Content-Security-Policy: only the page's own style and script, no other resources, no markup from text."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash(style)}",
            f"script-src {_hash(script)}",
            "img-src data: blob:",  # a response may be an image
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _hash(text: str) -> str:
    """The hash source of a text (CSP 3 §2.3.1)."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _addresses(document: Mapping[str, Any]) -> Iterator[str]:
    """The server URLs and the token URLs of a document."""
    for server in document.get("servers", ()):
        yield server.get("url", "")
    for scheme in document.get("components", {}).get("securitySchemes", {}).values():
        for flow in scheme.get("flows", {}).values():
            yield flow.get("tokenUrl", "")


def _origins(addresses: Iterable[str]) -> list[str]:
    """The origins that the page may send requests to, besides its own server."""
    found = map(_SERVER.match, addresses)
    # A host that a policy cannot express, such as one with variables, is allowed by its scheme.
    sources = (f"{each[1]}:" + (f"//{each[2]}" if _HOST.fullmatch(each[2]) else "") for each in found if each)
    return list(dict.fromkeys(sources))

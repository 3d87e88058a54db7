"""The routes that show the contract: the OpenAPI document, and a page that reads it, with nothing from elsewhere."""

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
from signette.declarative.routing.guarded import DocumentRoute
from signette.paths import root_for_url
from signette.requests import Request
from signette.responses.plain import HTMLResponse, Response

# Parts of one script, in the order in which they stand in it.
SCRIPTS = ("dom", "contract", "schema", "login", "security", "fields", "request", "answer", "operation", "page")

_HOLE = re.compile(r"{{(\w+)}}")
_SERVER = re.compile(r"(https?)://([^/?#]*)", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9.-]+(:[0-9]+)?", re.IGNORECASE | re.ASCII)  # CSP 3 §2.3.1: no IPv6


@dataclass(frozen=True, slots=True)
class Page:
    """The page with holes for `{{title}}` and `{{openapi_url}}`, and the policy that lets its own parts run."""

    html: str
    policy: str

    def fill(self, values: Mapping[str, str]) -> str:
        """The page with each hole filled by an escaped text; what a text looks like a hole for stays a text."""
        return _HOLE.sub(lambda hole: escape(values[hole[1]]), self.html)


def document_routes(openapi_url: str | None, docs_url: str | None) -> list[Any]:
    """The routes of an application's document and of its page, as far as they are wanted."""
    routes: list[Any] = []
    if openapi_url is not None:
        routes.append(DocumentRoute(openapi_url, show_document, name="openapi", include_in_schema=False))
    if openapi_url is not None and docs_url is not None:
        routes.append(DocumentRoute(docs_url, show_page, name="docs", include_in_schema=False))
    return routes


async def show_document(request: Request) -> Response:
    """The document of the application that answers, with the path below which it is mounted."""
    document = request.app.openapi()
    root = root_for_url(request.scope)
    if root and "servers" not in document:
        document = {**document, "servers": [{"url": root}]}
    return Response(json.dumps(document), media_type="application/json")


def show_page(request: Request) -> Response:
    """The page, which asks for the document. In a worker thread, as the first one reads files."""
    app = request.app
    root = root_for_url(request.scope)
    page = page_template()
    html = page.fill({"title": app.info.title, "openapi_url": root + app.openapi_url})
    asked = " ".join(["'self'", *_origins(_addresses(app.openapi()))])
    return HTMLResponse(html, headers={"Content-Security-Policy": f"{page.policy}; connect-src {asked}"})


@cache
def page_template() -> Page:
    """The packaged page with its style and script put in. Read once: hashes name exactly what is sent."""
    assets = files("signette.declarative.openapi") / "assets"
    style = (assets / "docs.css").read_text("utf-8")
    script = "\n".join((assets / "scripts" / f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    parts = {"style": style, "script": script}
    html = _HOLE.sub(lambda hole: parts.get(hole[1], hole[0]), (assets / "docs.html").read_text("utf-8"))
    return Page(html, _policy(style, script))


def _policy(style: str, script: str) -> str:
    """Nothing runs but the page's own style and script, nothing is loaded, and no text becomes markup."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash(style)}",
            f"script-src {_hash(script)}",
            "img-src data: blob:",  # an answer may be a picture
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _hash(text: str) -> str:
    """A source expression that is this text alone (CSP 3 §2.3.1)."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _addresses(document: Mapping[str, Any]) -> Iterator[str]:
    """The servers that a document names, and where it says that tokens are given out."""
    for server in document.get("servers", ()):
        yield server.get("url", "")
    for scheme in document.get("components", {}).get("securitySchemes", {}).values():
        for flow in scheme.get("flows", {}).values():
            yield flow.get("tokenUrl", "")


def _origins(addresses: Iterable[str]) -> list[str]:
    """What the page may ask besides its own server."""
    found = map(_SERVER.match, addresses)
    # A host that a policy cannot name, as one with variables, is allowed by its scheme.
    said = (f"{each[1]}:" + (f"//{each[2]}" if _HOST.fullmatch(each[2]) else "") for each in found if each)
    return list(dict.fromkeys(said))

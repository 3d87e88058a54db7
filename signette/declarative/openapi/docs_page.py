"""What a page of API docs is, and what it knows of its application."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from os import PathLike
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from signette._dataclasses import dataclass
from signette._patterns import lazy_pattern
from signette.responses.plain import Response

Asset = str | PathLike[str] | Callable[[], Response]
"""A file, or a function that returns a response."""

_SERVER = lazy_pattern(r"(https?)://([^/?#]*)", re.IGNORECASE)
_HOST = lazy_pattern(r"[a-z0-9.-]+(:[0-9]+)?", re.IGNORECASE | re.ASCII)  # CSP 3 §2.3.1: no IPv6


@dataclass(frozen=True, slots=True)
class DocsContext:
    """What a page of API docs knows of its application. URLs begin with the path that the application is mounted at."""

    title: str
    document_url: str
    """The URL of the OpenAPI document."""
    page_url: str
    """The URL of the page. Its assets are below it."""
    root: str = ""
    """The path that the application is mounted at."""
    origins: tuple[str, ...] = ()
    """The origins of servers and token URLs in the document, for `connect-src` of a Content-Security-Policy."""
    plans_url: str | None = None
    """Where the plans of operations are, with `debug=True`: this URL and an operation id."""
    asyncapi_url: str | None = None
    """The URL of the AsyncAPI document, if the application has WebSockets."""

    def asset_url(self, name: str) -> str:
        """The URL of an asset of the page. A name that begins with a slash is a path of the application."""
        return asset_path(self.page_url, name) if not name.startswith("/") else self.root + name


@runtime_checkable
class DocsPage(Protocol):
    """A page that shows the OpenAPI document of an application: `App(docs=page)`."""

    @property
    def assets(self) -> Mapping[str, Asset]:
        """What the page loads from the application: files by their names, which are below the URL of the page."""

    def html(self, context: DocsContext) -> str | Response:
        """The page as HTML, or as a response with its own headers. Called in a worker thread, for each request."""


def asset_path(page_path: str, name: str) -> str:
    """The path of an asset of a page."""
    return name if name.startswith("/") else f"{page_path.rstrip('/')}/{name}"


def check_page(page: Any) -> None:
    """Check that an object is a page of API docs, and that its assets exist.

    Raises:
        TypeError: it is no page.
        FileNotFoundError: an asset is not a file.
    """
    if isinstance(page, type) or not isinstance(page, DocsPage):
        hint = f"create it: `{page.__name__}()`" if isinstance(page, type) else "see `signette.openapi.docs.DocsPage`"
        raise TypeError(f"`docs=` must be a page with `assets` and `html(context)`, not {page!r}; {hint}")
    for name, asset in page.assets.items():
        if not re.fullmatch(r"/?[\w.@~-]+(/[\w.@~-]+)*", name) or ".." in name.split("/"):
            raise ValueError(f"asset `{name}` of {page!r} cannot be part of a URL; use a relative path such as `ui.js`")
        if not callable(asset):
            _check_file(name, asset)


def _check_file(name: str, asset: str | PathLike[str]) -> None:
    if not Path(asset).is_file():
        raise FileNotFoundError(f"asset `{name}` of the API docs is not a file: {asset}")


def policy_of(sources: Mapping[str, Iterable[str]]) -> str:
    """A Content-Security-Policy with the sources of each directive; all other resources are forbidden."""
    all_sources = {
        "default-src": ("'none'",),
        "base-uri": ("'none'",),
        "form-action": ("'none'",),
        "frame-ancestors": ("'self'",),
        **sources,
    }
    return "; ".join(" ".join((name, *values)) for name, values in all_sources.items())


def hash_source(text: str) -> str:
    """The source of an inline script or style (CSP 3 §2.3.1)."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def origins_in(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The origins that a page may send requests to, besides its own server."""
    found = map(_SERVER.match, _addresses(document))
    # A host that a policy cannot express, such as one with variables, is allowed by its scheme.
    sources = (f"{each[1]}:" + (f"//{each[2]}" if _HOST.fullmatch(each[2]) else "") for each in found if each)
    return tuple(dict.fromkeys(sources))


def _addresses(document: Mapping[str, Any]) -> Iterator[str]:
    """The server URLs of a document, and the URLs that logins fetch."""
    for server in document.get("servers", ()):
        yield server.get("url", "")
    for scheme in document.get("components", {}).get("securitySchemes", {}).values():
        yield scheme.get("openIdConnectUrl", "")
        for flow in scheme.get("flows", {}).values():
            yield flow.get("tokenUrl", "")

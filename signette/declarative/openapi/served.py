"""Which pages of API docs an application serves, and where: the arguments `docs`, `docs_url` and others."""

from copy import copy
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.openapi.builtin_page import BuiltInDocs
from signette.declarative.openapi.docs_page import DocsPage, asset_path, check_page
from signette.declarative.openapi.other_pages import ReDoc, SwaggerUI
from signette.declarative.routing.options import OwnOptions

DEFAULT_DOCS_URL = "/docs"
DEFAULT_ASYNCAPI_URL = "/asyncapi.json"

_HINT = (
    "the API docs are not Swagger UI; pass `docs=SwaggerUI()` of `signette.openapi.docs`, or add a route that returns"
    " `get_swagger_ui_html(...)`"
)
# Options of an application for Swagger UI, and the attributes of its page.
_ATTRIBUTES = {
    "swagger_ui_parameters": "parameters",
    "swagger_ui_init_oauth": "init_oauth",
    "swagger_ui_oauth2_redirect_url": "oauth2_redirect_url",
}
NO_SWAGGER_UI = dict.fromkeys(_ATTRIBUTES, _HINT)
"""Options without an effect on other pages than Swagger UI, with what to do."""


@dataclass(frozen=True, slots=True)
class ChosenPages:
    """The pages of API docs of an application, each with its URL; None if it has none."""

    docs: DocsPage | None
    docs_url: str | None
    redoc: DocsPage | None
    redoc_url: str | None


def is_swagger_ui(page: Any) -> bool:
    """Whether options of Swagger UI have an effect on a page."""
    return isinstance(page, SwaggerUI)


def redirect_path(pages: ChosenPages, options: OwnOptions) -> str | None:
    """The path that authorization servers return to from Swagger UI; the option's default without such a page."""
    if isinstance(pages.docs, SwaggerUI) and pages.docs_url is not None:
        name = pages.docs.oauth2_redirect_url
        return None if name is None else asset_path(pages.docs_url, name)
    return options.get("swagger_ui_oauth2_redirect_url", f"{DEFAULT_DOCS_URL}/oauth2-redirect")


def chosen_pages(
    openapi_url: str | None, docs_url: str | None, docs: DocsPage | bool | None, options: OwnOptions
) -> ChosenPages:
    """The pages of API docs for the arguments of an application.

    Raises:
        ValueError: an argument has no effect with the others.
        TypeError: `docs` is not a page.
        ImportError: `redoc_url` needs the files of ReDoc.
    """
    redoc_url = options.get("redoc_url")
    page = _page(docs)
    if page is None and docs_url not in (None, DEFAULT_DOCS_URL):
        raise ValueError(f"`docs_url={docs_url!r}` has no effect with `docs={docs!r}`; remove one of them")
    if openapi_url is None:
        if not isinstance(docs, bool | None):
            raise ValueError("`docs=` has no effect with `openapi_url=None`: a page shows the OpenAPI document")
        return ChosenPages(None, None, None, None)
    redoc = None if redoc_url is None else page if isinstance(page, ReDoc) else ReDoc()
    if docs_url is None and not isinstance(docs, bool | None) and redoc is not page:
        raise ValueError("`docs=` has no effect with `docs_url=None`; remove one of them")
    if docs_url is not None and isinstance(page, SwaggerUI):
        page = _with_options(page, options)
    return ChosenPages(page, docs_url if page is not None else None, redoc, redoc_url)


def _page(docs: DocsPage | bool | None) -> DocsPage | None:
    if docs is None or docs is False:
        return None
    page = BuiltInDocs() if docs is True else docs
    check_page(page)
    return page


def _with_options(page: SwaggerUI, options: OwnOptions) -> SwaggerUI:
    """The page with the application's options for Swagger UI."""
    changed = copy(page)
    for name, attribute in _ATTRIBUTES.items():
        value = options.get(name)
        if name not in options or (value is None and attribute != "oauth2_redirect_url"):
            continue
        if getattr(page, attribute) != getattr(SwaggerUI, attribute):
            raise ValueError(f"`{name}=` and `SwaggerUI({attribute}=...)` are the same option; remove one of them")
        setattr(changed, attribute, value)
    return changed

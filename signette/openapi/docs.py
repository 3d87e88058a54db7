"""Pages for `App(docs=...)`: signette's own, Swagger UI, ReDoc and Scalar; and functions that return such pages."""

from signette.declarative.openapi.asset_packages import DocsAssetsNotFound
from signette.declarative.openapi.builtin_page import BuiltInDocs
from signette.declarative.openapi.docs_page import DocsContext, DocsPage
from signette.declarative.openapi.other_pages import ReDoc, Scalar, SwaggerUI
from signette.declarative.openapi.page_html import (
    get_redoc_html,
    get_swagger_ui_html,
    get_swagger_ui_oauth2_redirect_html,
    swagger_ui_default_parameters,
)

__all__ = [
    "BuiltInDocs",
    "DocsAssetsNotFound",
    "DocsContext",
    "DocsPage",
    "ReDoc",
    "Scalar",
    "SwaggerUI",
    "get_redoc_html",
    "get_swagger_ui_html",
    "get_swagger_ui_oauth2_redirect_html",
    "swagger_ui_default_parameters",
]

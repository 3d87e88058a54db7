"""What an application has for its OpenAPI document and its API docs: metadata, the document, and their routes."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, Self, TypeVar, cast, overload

from signette.declarative.openapi.dialect import Dialect
from signette.declarative.openapi.docs_page import DocsPage
from signette.declarative.openapi.info import Info
from signette.declarative.openapi.pages import ServedPage, asyncapi_route, document_route
from signette.declarative.openapi.served import (
    DEFAULT_ASYNCAPI_URL,
    NO_SWAGGER_UI,
    chosen_pages,
    is_swagger_ui,
    redirect_path,
)
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.routing.options import AppOptions, OwnOptions, RouterOptions, copied
from signette.declarative.routing.route_list import DocumentRoute
from signette.declarative.routing.webhooks import Webhooks
from signette.exceptions import UnusedOptionWarning
from signette.routing.routelist import RouteList

Value = TypeVar("Value")

# Options of other packages, each with what to do.
_WITHOUT_EFFECT = {"telemetry": "add `OpenTelemetryMiddleware` of `signette.middleware.opentelemetry`"}


def split_options(options: AppOptions, *, docs: Any, stacklevel: int) -> tuple[OwnOptions, RouterOptions]:
    """The application's own options, and those of all its routes. Warns of options without an effect.

    `docs` is the page of API docs that the application serves; without one, options of Swagger UI are for a page that
    the user serves.
    """
    own = {name: value for name, value in options.items() if name in OwnOptions.__annotations__}
    hints = _WITHOUT_EFFECT if not docs or is_swagger_ui(docs) else _WITHOUT_EFFECT | NO_SWAGGER_UI
    for name, hint in hints.items():
        if own.get(name) is not None:
            warnings.warn(f"`{name}=` has no effect: {hint}", UnusedOptionWarning, stacklevel=stacklevel + 1)
    shared = {name: value for name, value in options.items() if name not in own}
    return cast(OwnOptions, own), cast(RouterOptions, shared)


class InfoField(Generic[Value]):
    """An attribute of an application that is a field of its `info`. A new value makes a new document."""

    def __init__(self, field: str, *, is_none_if_empty: bool = False) -> None:
        self._field = field
        self._is_none_if_empty = is_none_if_empty

    @overload
    def __get__(self, app: None, owner: type) -> Self: ...
    @overload
    def __get__(self, app: "Documented", owner: type) -> Value: ...
    def __get__(self, app: "Documented | None", owner: type) -> Self | Value:
        if app is None:
            return self
        value: Any = getattr(app.info, self._field)
        if isinstance(value, tuple):
            value = list(value)
        if self._is_none_if_empty and not value:
            value = None
        found: Value = value
        return found

    def __set__(self, app: "Documented", value: Value) -> None:
        changed: Any = value
        if isinstance(getattr(app.info, self._field), tuple):
            changed = tuple(changed or ())
        app.info = replace(app.info, **{self._field: copied(changed)})
        app.openapi_schema = app._async_document = None


class Documented:
    """The part of an application that documents it."""

    info: Info
    dialect: Dialect
    errors: ProblemFormat
    separate_input_output_schemas: bool
    webhooks: Webhooks
    openapi_url: str | None
    asyncapi_url: str | None
    docs_url: str | None
    redoc_url: str | None
    root_path_in_servers: bool
    debug: bool
    user_middleware: list[Any]
    router: Any
    docs: DocsPage | None
    redoc: DocsPage | None
    # For `docs=SwaggerUI()`, or for a route that returns `get_swagger_ui_html(...)`.
    swagger_ui_oauth2_redirect_url: str | None
    swagger_ui_init_oauth: Mapping[str, Any] | None
    swagger_ui_parameters: Mapping[str, Any] | None
    _document: tuple[Any, dict[str, Any]] | None = None
    _async_document: tuple[Any, dict[str, Any]] | None = None

    title = InfoField[str]("title")
    version = InfoField[str]("version")
    summary = InfoField[str | None]("summary")
    description = InfoField[str | None]("description")
    terms_of_service = InfoField[str | None]("terms_of_service")
    contact = InfoField[Mapping[str, Any] | None]("contact")
    license_info = InfoField[Mapping[str, Any] | None]("license_info")
    servers = InfoField[Sequence[Mapping[str, Any]]]("servers")
    openapi_tags = InfoField[Sequence[Mapping[str, Any]] | None]("tags", is_none_if_empty=True)
    openapi_external_docs = InfoField[Mapping[str, Any] | None]("external_docs")

    @property
    def routes(self) -> RouteList:
        """The routes of the application."""
        raise NotImplementedError

    def set_docs(
        self, openapi_url: str | None, docs_url: str | None, docs: DocsPage | bool | None, options: OwnOptions
    ) -> None:
        """Set the pages of API docs, where they and the document are, and the webhooks."""
        pages = chosen_pages(openapi_url, docs_url, docs, options)
        self.openapi_url = openapi_url
        self.asyncapi_url = options.get("asyncapi_url", None if openapi_url is None else DEFAULT_ASYNCAPI_URL)
        if self.asyncapi_url is not None:
            self.router.asyncapi_route = asyncapi_route(self.asyncapi_url)  # it is added with the first WebSocket
        self.docs, self.docs_url = pages.docs, pages.docs_url
        self.redoc, self.redoc_url = pages.redoc, pages.redoc_url
        self.root_path_in_servers = options.get("root_path_in_servers", True)
        self.webhooks = Webhooks(options.get("webhooks"))
        self.swagger_ui_oauth2_redirect_url = redirect_path(pages, options)
        self.swagger_ui_init_oauth = options.get("swagger_ui_init_oauth")
        self.swagger_ui_parameters = options.get("swagger_ui_parameters")

    def setup(self) -> None:
        """Add the routes of the OpenAPI document and the API docs that are not there yet.

        The application calls it when it is made. Subclasses may override it.
        """
        known = {route.path for route in self.routes if isinstance(route, DocumentRoute)}
        found: list[DocumentRoute] = []
        if self.openapi_url is not None:
            found.append(document_route(self.openapi_url))
            for name, url, page in (("docs", self.docs_url, self.docs), ("redoc", self.redoc_url, self.redoc)):
                if url is not None and page is not None:
                    found += ServedPage(name, url, page, has_plans=self.debug).routes()
        self.routes.extend(route for route in found if route.path not in known)

    @property
    def openapi_version(self) -> str:
        """The OpenAPI version of the document."""
        return self.dialect.version

    @property
    def openapi_schema(self) -> dict[str, Any] | None:
        """The cached OpenAPI document, which `openapi` returns; None before it is made, and after the routes change."""
        document = self._document
        return document[1] if document is not None and document[0] == self._routes_version() else None

    @openapi_schema.setter
    def openapi_schema(self, document: dict[str, Any] | None) -> None:
        self._document = None if document is None else (self._routes_version(), document)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document. Cached until the routes change."""
        document = self.openapi_schema
        if document is None:
            from signette.declarative.openapi.document import openapi_document  # noqa: PLC0415 - at the first request

            document = self.openapi_schema = openapi_document(
                self.routes,
                self.info,
                self.errors,
                webhooks=self.webhooks.routes,
                dialect=self.dialect,
                separate_input_output_schemas=self.separate_input_output_schemas,
                problem_members=self._problem_members(),
            )
        return document

    def asyncapi(self) -> dict[str, Any]:
        """The AsyncAPI document of the WebSocket routes. Cached until the routes change."""
        document = self._async_document
        if document is None or document[0] != self.routes.changes:
            from signette.declarative.openapi.asyncapi import asyncapi_document  # noqa: PLC0415 - as above

            document = self._async_document = self.routes.changes, asyncapi_document(self.routes, self.info)
        return document[1]

    def _problem_members(self) -> dict[str, Any]:
        """The members that middleware adds to problems, with their schemas."""
        found: dict[str, Any] = {}
        for cls, _, kwargs in self.user_middleware:
            members = getattr(cls, "problem_members", None)
            found |= members(**kwargs) if members is not None else {}
        return found

    def _routes_version(self) -> tuple[int, ...]:
        return self.routes.changes, len(self.webhooks.routes), len(self.user_middleware)

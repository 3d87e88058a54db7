"""`App`: the application with typed endpoints.

app = App(title="Shop")

@app.get("/items/{item_id}")
async def item(item_id: int, q: str | None = None) -> Item: ...
"""

import inspect
import warnings
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any, Literal, TypeVar, Unpack

from signette._per_loop import PerLoop
from signette.applications import Application
from signette.declarative.binding.app_scope import SingletonStore
from signette.declarative.binding.standalone import DependencyScope, scope_of_app
from signette.declarative.inspection.explain import explain
from signette.declarative.inspection.unreachable import unreachable_message
from signette.declarative.openapi.dialect import OPENAPI_3_1, dialect_of
from signette.declarative.openapi.document import Info, openapi_document
from signette.declarative.openapi.pages import document_routes
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.routing.option_checks import check_form_limits
from signette.declarative.routing.options import RouteOptions, RouterOptions, WebSocketOptions, copied
from signette.declarative.routing.overrides import Overrides
from signette.declarative.routing.router import Router, check_words
from signette.declarative.routing.routes import PlannedRoute, planned_routes
from signette.declarative.routing.verbs import Verbs
from signette.declarative.routing.webhooks import Webhooks
from signette.declarative.signature.depends import Dependency
from signette.declarative.sources.operation_limits import form_fields
from signette.declarative.sources.source import Source
from signette.declarative.sources.table import SOURCES
from signette.exceptions import ShadowedRouteWarning
from signette.limits import Limits, check_limits
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.registry import Middleware
from signette.routing.unreachable import unreachable_routes
from signette.staticfiles import PathLike
from signette.types import ExceptionHandlers, Lifespan

__all__ = ["App", "Router"]

Function = TypeVar("Function", bound=Callable[..., Any])


class Root(Router):
    """The router of an application, where every path has begun."""

    def _add(self, route: Any) -> None:
        if isinstance(route, PlannedRoute) and not route.path:
            raise ValueError(f"{route.name!r} has no path: give it one, or its router a prefix")
        super()._add(route)


class App(Verbs, Application):
    """An application of typed endpoints, with validation, problems (RFC 9457), an OpenAPI document and its page.

    `limits` bound what a request may bring, `errors` says how errors are told, `sources` are the rows that parameters
    may come from. `openapi_url=None` and `docs_url=None` switch the document and its page off.
    """

    router: Router

    def __init__(
        self,
        *,
        title: str = "API",
        version: str = "0.1.0",
        summary: str | None = None,
        description: str | None = None,
        terms_of_service: str | None = None,
        contact: Mapping[str, str] | None = None,
        license_info: Mapping[str, str] | None = None,
        servers: Sequence[Mapping[str, Any]] | None = None,
        openapi_tags: Sequence[Mapping[str, Any]] | None = None,
        openapi_external_docs: Mapping[str, Any] | None = None,
        openapi_version: str = OPENAPI_3_1.version,
        separate_input_output_schemas: bool = True,
        openapi_url: str | None = "/openapi.json",
        docs_url: str | None = "/docs",
        debug: bool = False,
        routes: Sequence[Any] | None = None,
        middleware: Sequence[Middleware] | None = None,
        exception_handlers: ExceptionHandlers | None = None,
        lifespan: Lifespan[Any] | None = None,
        redirect_slashes: bool = True,
        root_path: str = "",
        limits: Limits | None = None,
        sources: Sequence[Source] = SOURCES,
        **said: Unpack[RouterOptions],
    ) -> None:
        check_words(said, App.__init__.__kwdefaults__ or ())
        check_limits(limits)
        self.info = Info(
            title, version, summary, description, terms_of_service, copied(contact), copied(license_info),
            copied(tuple(servers or ())), copied(tuple(openapi_tags or ())), copied(openapi_external_docs),
        )  # fmt: skip
        self.errors = said.pop("errors", None) or ProblemFormat()
        self.webhooks = Webhooks()
        self.dialect = dialect_of(openapi_version)
        self.separate_input_output_schemas = separate_input_output_schemas
        check_form_limits(said.get("form_limits"))
        # Plain routes and mounts are held to them, too.
        own: dict[str, Any] = dict(form_fields(said.pop("form_limits", None)))
        if (most := said.pop("max_body_size", None)) is not None:
            own["body_bytes"] = most
        own_limits = replace(limits or Limits(), **own)
        super().__init__(
            debug,
            middleware=middleware,
            exception_handlers={**self.errors.handlers(), **(exception_handlers or {})},
            limits=own_limits,
        )
        self.root_path = root_path
        self.router = Root(routes, redirect_slashes=redirect_slashes, lifespan=lifespan, sources=sources, **said)
        self.router.inmost = self._make_dependencies
        self._made: SingletonStore | None = None
        self._made_here = PerLoop(SingletonStore)
        self._living: list[SingletonStore] = []
        self._overrides = Overrides(self._forget_binders)
        self.openapi_url = openapi_url
        self.docs_url = docs_url if openapi_url else None
        self._document: tuple[tuple[int, int], dict[str, Any]] | None = None
        self.routes.extend(document_routes(openapi_url, self.docs_url))

    # -- routes --------------------------------------------------------------------------------------------------------

    def add_api_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        methods: Sequence[str] = ("GET",),
        **options: Unpack[RouteOptions],
    ) -> None:
        """Make a route of an endpoint.

        Raises:
            PlanError: the signature cannot be a contract; it says where, what, and what to write instead.
        """
        self.router.add_api_route(path, endpoint, methods, **options)

    def add_api_websocket_route(
        self, path: str, endpoint: Callable[..., Any], **options: Unpack[WebSocketOptions]
    ) -> None:
        """Make a WebSocket route of an endpoint, which accepts the socket itself.

        Raises:
            PlanError: the signature cannot be a contract; it says where, what, and what to write instead.
        """
        self.router.add_api_websocket_route(path, endpoint, **options)

    def include_router(self, router: Router, **said: Unpack[RouterOptions]) -> None:
        """Answer what the router answers, under a prefix, with what is said here put around its own.

        Raises:
            TypeError: it is no router of ours; what else there is can be mounted.
            ValueError: it would be included in itself, or has a route whose path would be empty.
        """
        self.router.include_router(router, **said)

    def frontend(
        self,
        path: str,
        directory: PathLike,
        *,
        fallback: str | None = "auto",
        check_dir: bool = True,
        dependencies: Sequence[Dependency] | None = None,
    ) -> None:
        """Serve a folder of a single-page application below a path, wherever no route answers.

        A page of it that is no file is answered by `fallback`: "index.html", where a browser asks for a page;
        "404.html", with this status; "auto", the second where it is there, else the first; None, nothing.

        Raises:
            RuntimeError: the folder, or the named file in it, is not there; at the first request with
                `check_dir=False`.
        """
        self.router.frontend(path, directory, fallback=fallback, check_dir=check_dir, dependencies=dependencies)

    def exception_handler(self, key: int | type[Exception]) -> Callable[[Function], Function]:
        """Let a function answer for a status or for a class of exceptions.

        Raises TypeError where the decorator is given the function itself.
        """
        if inspect.isfunction(key):
            raise TypeError("call the decorator: `@app.exception_handler(404)`, or with a class of exceptions")

        def declare(handler: Function) -> Function:
            self.add_exception_handler(key, handler)
            return handler

        return declare

    def middleware(self, kind: Literal["http"]) -> Callable[[Function], Function]:
        """Put a function around all requests: `@app.middleware("http") async def timed(request, call_next): ...`.

        Raises:
            ValueError: of another kind than "http"; `add_middleware` takes ASGI middleware for all others.
        """
        if kind != "http":
            raise ValueError(f"`middleware({kind!r})`: a function stands around `http` alone; see `add_middleware`")

        def declare(dispatch: Function) -> Function:
            self.add_middleware(BaseHTTPMiddleware, dispatch=dispatch)
            return dispatch

        return declare

    # -- what the document says of the application ---------------------------------------------------------------------

    @property
    def title(self) -> str:
        """The API's name."""
        return self.info.title

    @property
    def version(self) -> str:
        """The API's version."""
        return self.info.version

    @property
    def summary(self) -> str | None:
        """The API in one line."""
        return self.info.summary

    @property
    def description(self) -> str | None:
        """What the API is for, in Markdown."""
        return self.info.description

    @property
    def openapi_version(self) -> str:
        """The version of OpenAPI that the document is written in."""
        return self.dialect.version

    # -- what is read off the routes -----------------------------------------------------------------------------------

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made when it is first asked for, kept, and made again after the routes have changed."""
        version = self.router.routes.version, len(self.webhooks.routes)
        if self._document is None or self._document[0] != version:
            self._document = (
                version,
                openapi_document(
                    self.routes,
                    self.info,
                    self.errors,
                    webhooks=self.webhooks.routes,
                    dialect=self.dialect,
                    separate_input_output_schemas=self.separate_input_output_schemas,
                ),
            )
        return self._document[1]

    def explain(self, operation: str, *, source: bool = False) -> str:
        """What happens at a request, as lines of text: `app.explain("GET /items/{item_id}")`.

        With `source` the text of the generated binder stands behind it.

        Raises:
            LookupError: no typed route answers that.
        """
        return explain(self, operation, source=source)

    # -- dependencies in tests -----------------------------------------------------------------------------------------

    @property
    def dependency_overrides(self) -> Overrides:
        """A dictionary from dependencies to what stands in for them; counts from the next request on, until emptied."""
        return self._overrides

    @dependency_overrides.setter
    def dependency_overrides(self, overrides: Mapping[Any, Any]) -> None:
        given = dict(overrides)
        self._overrides.clear()
        self._overrides.update(given)

    @contextmanager
    def override(self, dependency: Callable[..., Any], other: Callable[..., Any]) -> Generator[None, None, None]:
        """Let another callable stand in for a dependency, as long as the block lasts.

        Its parameters are read as any dependency's are. Afterwards the overrides are those that were there before.
        """
        before = dict(self.dependency_overrides)
        self.dependency_overrides[dependency] = other
        try:
            yield
        finally:
            self.dependency_overrides = before

    def scope(self) -> AbstractAsyncContextManager[DependencyScope]:
        """Calls outside of requests: `async with app.scope() as scope: await scope.call(send_letters)`.

        What dependencies have open is closed at the end of the block.
        """
        return scope_of_app(self)

    # -- dependencies of the application -------------------------------------------------------------------------------

    def made(self) -> SingletonStore:
        """What was made for `Depends(..., scope="app")`: by the one lifespan that is on, or else in this event loop."""
        return self._made_here.get(self) if self._made is None else self._made

    @asynccontextmanager
    async def _make_dependencies(self, app: Any) -> AsyncGenerator[None]:  # noqa: ARG002 - the shape of a lifespan
        """The inmost lifespan: what lives as long as the application is made, and closed again."""
        self._made = None  # two test clients have a lifespan, and an event loop, each
        made = self.made()  # what the lifespan around this one has asked for, by `scope`, is in it already
        try:
            await made.fill(route.plan_under(self.dependency_overrides) for route in self._planned(self))
            self._live((*self._living, made))
            yield
        finally:
            self._live(each for each in self._living if each is not made)
            await made.close()

    def _live(self, living: Iterable[SingletonStore]) -> None:
        """Whose lifespans are on. Of one alone, all requests find what it made, whatever loop they are in."""
        self._living = list(living)
        self._made = self._living[0] if len(self._living) == 1 else None

    def _forget_binders(self) -> None:
        for route in self._planned():
            route.reset()

    def _planned(self, only_of: "App | None" = None) -> Iterator[PlannedRoute]:
        """The planned routes, also front-ends and those of what is mounted; or of these only what an app answers."""
        return planned_routes((*self.routes, *self.router.frontends), only_of)

    def _before_first_request(self) -> None:
        """Make every plan that waited for a name, and tell of routes that are never reached."""
        for routes in self.router.route_lists():
            for route, others in unreachable_routes(routes):
                warnings.warn(unreachable_message(route, others), ShadowedRouteWarning, stacklevel=2)
        for route in self._planned():
            route.resolve()
        for route in self._planned(only_of=self):
            route.attach(self)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_document": None, "_made": None, "_living": []}

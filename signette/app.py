"""`App`: the application with typed endpoints.

app = App(title="Shop")

@app.get("/items/{item_id}")
async def item(item_id: int, q: str | None = None) -> Item: ...
"""

import inspect
import warnings
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Unpack

from anyio import CancelScope

from signette._directories import PathLike
from signette._per_loop import PerLoop
from signette.declarative.binding.app_scope import SingletonStore
from signette.declarative.binding.standalone import DependencyScope, scope_of_app
from signette.declarative.jobs.declared import JobOptions
from signette.declarative.jobs.jobs import Jobs
from signette.declarative.jobs.system import JobSystem
from signette.declarative.openapi.dialect import OPENAPI_3_1, dialect_of
from signette.declarative.openapi.docs_page import DocsPage
from signette.declarative.openapi.documented import Documented, split_options
from signette.declarative.openapi.info import Info
from signette.declarative.policies.around import forget_other_backend
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.routing.channels import Channels
from signette.declarative.routing.cursor_keys import check_cursor_keys, cursor_keys_of
from signette.declarative.routing.direct_calls import DirectCalls
from signette.declarative.routing.option_checks import check_shared_options
from signette.declarative.routing.options import (
    AppOptions,
    OwnOptions,
    RouteOptions,
    RouterOptions,
    WebSocketOptions,
    copied,
)
from signette.declarative.routing.overrides import Overrides
from signette.declarative.routing.planned import PlannedRoute
from signette.declarative.routing.policy_checks import check_policies
from signette.declarative.routing.resolving import planned_routes, resolve_routes
from signette.declarative.routing.resources import Resource
from signette.declarative.routing.root import Root, handled_by_application, with_shared_limits
from signette.declarative.routing.router import Router
from signette.declarative.routing.router_stack import check_handler, check_middleware_function
from signette.declarative.routing.routes import TypedRoute
from signette.declarative.routing.shared_options import check_option_names
from signette.declarative.routing.verbs import Verbs
from signette.declarative.signature.depends import Dependency
from signette.declarative.sources.source import Source
from signette.declarative.sources.table import SOURCES
from signette.exceptions import ShadowedRouteWarning
from signette.health import Health, routes_of
from signette.limits import Limits, check_limits
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.registry import Middleware
from signette.routing.events import EventFunction, add_events
from signette.routing.unreachable import unreachable_routes
from signette.state.backend import Backend, backend_of
from signette.types import ExceptionHandler, ExceptionHandlers, Lifespan

if TYPE_CHECKING:
    from signette.client.async_client import AsyncClient
    from signette.client.runtime.auth import Auth
    from signette.client.runtime.events import Reconnect
    from signette.client.runtime.retries import Retries

__all__ = ["App", "Router"]

Function = TypeVar("Function", bound=Callable[..., Any])


class App(Verbs, Channels, DirectCalls, Documented):
    """An application of typed endpoints: validation, problem details (RFC 9457), an OpenAPI document and API docs.

    `limits` restrict the size of requests, `errors` sets the format of error responses, `sources` are the parameter
    sources. `openapi_url=None` disables the OpenAPI document and the API docs, `docs_url=None` or `docs=None` the API
    docs alone. `docs` may be another page, such as `SwaggerUI()` of `signette.openapi.docs`.
    `state` is the URL of the state that outlives a request, or a `Backend`: `backend` has the stores and buses.
    `health=True`, or a `Health` with checks, adds `/livez` and `/readyz`.
    """

    router: Router
    _running_stores: list[SingletonStore]

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
        docs: DocsPage | bool | None = True,
        debug: bool = False,
        routes: Sequence[Any] | None = None,
        middleware: Sequence[Middleware] | None = None,
        exception_handlers: ExceptionHandlers | None = None,
        lifespan: Lifespan[Any] | None = None,
        on_startup: Sequence[EventFunction] | None = None,
        on_shutdown: Sequence[EventFunction] | None = None,
        redirect_slashes: bool = True,
        root_path: str = "",
        limits: Limits | None = None,
        sources: Sequence[Source] = SOURCES,
        state: str | Backend = "memory://",
        health: Health | bool = False,
        **options: Unpack[AppOptions],
    ) -> None:
        own, shared = split_options(options, docs=docs if openapi_url and docs_url else None, stacklevel=2)
        check_option_names(shared, (*(App.__init__.__kwdefaults__ or ()), *OwnOptions.__annotations__))
        check_shared_options(shared)
        check_limits(limits)
        declared = handled_by_application(shared)
        self.info = Info(
            title, version, summary, description, terms_of_service, copied(contact), copied(license_info),
            copied(tuple(servers or ())), copied(tuple(openapi_tags or ())), copied(openapi_external_docs),
        )  # fmt: skip
        self.errors = declared.get("errors") or ProblemFormat()
        self.dialect, self.separate_input_output_schemas = dialect_of(openapi_version), separate_input_output_schemas
        super().__init__(
            debug,
            middleware=middleware,
            exception_handlers=_handlers_of(self.errors, exception_handlers or {}),
            limits=with_shared_limits(limits or Limits(), declared),
        )
        self.root_path, self.backend, self.cursor_keys = root_path, backend_of(state), cursor_keys_of(own)
        routes = (*(routes or ()), *routes_of(health))
        root = Root(routes, redirect_slashes=redirect_slashes, lifespan=lifespan, sources=sources, **shared)
        root.route_class = own.get("route_class", TypedRoute)
        root.serve(self.errors, declared, self._close_backend, self._run_singletons)
        add_events(root, on_startup, on_shutdown, stacklevel=2)
        self.router, self._stores, self._running_stores = root, PerLoop(SingletonStore), []
        self._overrides, self._jobs = Overrides(self._forget_binders), JobSystem(self)
        self.set_docs(openapi_url, docs_url, docs, own)
        self.setup()

    # -- routes --------------------------------------------------------------------------------------------------------

    def add_api_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        methods: Sequence[str] | None = None,
        *,
        route_class_override: type[TypedRoute] | Any = None,
        **options: Unpack[RouteOptions],
    ) -> None:
        """Add a route for an endpoint; see `Router.add_api_route`."""
        self.router.add_api_route(path, endpoint, methods, route_class_override=route_class_override, **options)

    def add_api_websocket_route(
        self, path: str, endpoint: Callable[..., Any], **options: Unpack[WebSocketOptions]
    ) -> None:
        """Add a WebSocket route for an endpoint; see `Router.add_api_websocket_route`."""
        self.router.add_api_websocket_route(path, endpoint, **options)

    def include(
        self,
        resource: Resource | type[Resource] | Router,
        *,
        middleware: Sequence[Middleware] | None = None,
        exception_handlers: ExceptionHandlers | None = None,
        **options: Unpack[RouterOptions],
    ) -> None:
        """Add the operations of a resource; see `Router.include_router`."""
        self.router.include_router(resource, middleware=middleware, exception_handlers=exception_handlers, **options)

    def include_router(
        self,
        router: Router | Resource | type[Resource],
        *,
        middleware: Sequence[Middleware] | None = None,
        exception_handlers: ExceptionHandlers | None = None,
        **options: Unpack[RouterOptions],
    ) -> None:
        """Add the routes of a router below a prefix; see `Router.include_router`."""
        self.router.include_router(router, middleware=middleware, exception_handlers=exception_handlers, **options)

    def add_job(self, function: Callable[..., Any], **options: Unpack[JobOptions]) -> None:
        """Add a job; see `Router.add_job`."""
        self.router.add_job(function, **options)

    @property
    def jobs(self) -> Jobs:
        """The jobs of the application, for code outside of requests: `await app.jobs.enqueue(send, order_id=1)`."""
        return Jobs(self._jobs)

    def frontend(
        self,
        path: str,
        directory: PathLike,
        *,
        fallback: str | None = "auto",
        check_dir: bool = True,
        dependencies: Sequence[Dependency] | None = None,
    ) -> None:
        """Serve a single-page application from a folder; see `Router.frontend`."""
        self.router.frontend(path, directory, fallback=fallback, check_dir=check_dir, dependencies=dependencies)

    def add_exception_handler(self, exc_class_or_status_code: int | type[Exception], handler: ExceptionHandler) -> None:
        """Register a handler. It has an effect before the first request only.

        Raises:
            SignatureError: the handler cannot be called with a request and an exception.
        """
        check_handler(exc_class_or_status_code, handler)
        super().add_exception_handler(exc_class_or_status_code, self.errors.adapted(handler))

    def exception_handler(self, exc_class_or_status_code: int | type[Exception]) -> Callable[[Function], Function]:
        """Decorator: handle a status or an exception class with the function.

        Raises:
            TypeError: the decorator is used without arguments.
        """
        if inspect.isfunction(exc_class_or_status_code):
            raise TypeError("call the decorator: `@app.exception_handler(404)`, or with an exception class")

        def declare(handler: Function) -> Function:
            self.add_exception_handler(exc_class_or_status_code, handler)
            return handler

        return declare

    def middleware(self, middleware_type: Literal["http"]) -> Callable[[Function], Function]:
        """Decorator: add a function as middleware: `@app.middleware("http") async def timed(request, call_next): ...`.

        Raises:
            ValueError: `middleware_type` is not "http"; use `add_middleware` for other ASGI middleware.
            SignatureError: the function is a `def`, or cannot be called with a request and the next application.
        """
        if middleware_type != "http":
            raise ValueError(
                f"`middleware({middleware_type!r})` must be `middleware('http')`; use `add_middleware` for others"
            )

        def declare(dispatch: Function) -> Function:
            check_middleware_function(dispatch)
            self.add_middleware(BaseHTTPMiddleware, dispatch=dispatch)
            return dispatch

        return declare

    # -- clients -------------------------------------------------------------------------------------------------------

    def client(
        self,
        *,
        auth: "Auth | None" = None,
        headers: Mapping[str, str] | None = None,
        retries: "Retries | int | None" = None,
        reconnect: "Reconnect | None" = None,
        timeout: float | None = None,
    ) -> "AsyncClient":
        """A client that calls the operations in this process: `async with app.client() as client: await client.read()`.

        It runs the lifespan, unless the application is running already. See `signette.client`.
        """
        from signette.client.async_client import AsyncClient  # noqa: PLC0415 - most applications have no client

        return AsyncClient(self, auth=auth, headers=headers, retries=retries, reconnect=reconnect, timeout=timeout)

    # -- inspection ----------------------------------------------------------------------------------------------------

    def explain(self, operation: str, *, source: bool = False) -> str:
        """Describe how a request is handled, step by step: `app.explain("GET /items/{item_id}")`.

        `source=True` adds the source code of the generated binder.

        Raises:
            LookupError: no typed route matches.
        """
        from signette.declarative.inspection.explain import explain  # noqa: PLC0415 - few ask for it

        return explain(self, operation, source=source)

    # -- dependencies in tests -----------------------------------------------------------------------------------------

    @property
    def dependency_overrides(self) -> Overrides:
        """A mapping from dependencies to their replacements. A change has an effect from the next request on."""
        return self._overrides

    @dependency_overrides.setter
    def dependency_overrides(self, overrides: Mapping[Any, Any] | None) -> None:
        self._overrides.replace(overrides or {})

    @contextmanager
    def override(self, dependency: Callable[..., Any], other: Callable[..., Any]) -> Generator[None, None, None]:
        """Replace a dependency by another callable within a `with` block, and restore all overrides afterwards."""
        before = self.dependency_overrides.copy()
        self.dependency_overrides[dependency] = other
        try:
            yield
        finally:
            self.dependency_overrides = before

    def scope(self) -> AbstractAsyncContextManager[DependencyScope]:
        """Call functions with dependencies outside of requests.

        `async with app.scope() as scope: await scope.call(send_letters)`. Dependencies with `yield` are closed at the
        end of the block.
        """
        return scope_of_app(self)

    # -- dependencies with scope="app" ---------------------------------------------------------------------------------

    # The stores are not in the ASGI lifespan state: servers may have none, requests show it to users (`request.state`),
    # and a mounted application shares it with the applications around it.

    @property
    def has_started(self) -> bool:
        """Whether the lifespan of this application is running: it has started, and has not ended."""
        return bool(self._running_stores)

    def _singletons(self) -> SingletonStore:
        """The store of the only running lifespan, in any event loop; otherwise the store of this event loop."""
        stores = self._running_stores
        return stores[0] if len(stores) == 1 else self._stores.get(self)

    @asynccontextmanager
    async def _run_singletons(self, app: Any) -> AsyncGenerator[None]:  # noqa: ARG002 - the shape of a lifespan
        """The innermost lifespan: create what routes need, and close it at the end."""
        store = self._stores.get(self)  # outer lifespans may have filled it, by `scope()`
        overrides = self.dependency_overrides
        plans = [route.plan_under(overrides) for route in self._planned(self)] + self._jobs.plans(overrides)
        async with store.running(plans), self._jobs.running():
            self._running_stores.append(store)
            try:
                yield
            finally:
                self._running_stores = [each for each in self._running_stores if each is not store]

    @asynccontextmanager
    async def _close_backend(self, app: Any) -> AsyncGenerator[None]:  # noqa: ARG002 - the shape of a lifespan
        """The outermost lifespan: other lifespans and dependencies use the state until they have ended."""
        backend = self.backend  # closed at the end, also if another one has replaced it
        forget_other_backend(self, backend, self._forget_binders)
        await backend.__aenter__()
        try:
            yield
        finally:
            with CancelScope(shield=True):  # a forced shutdown leaves no connection open
                await backend.__aexit__()

    def _forget_binders(self) -> None:
        for route in self._planned():
            route.forget_binders()
        for routes in self.router.route_lists():
            routes.forget_indexes()

    def _planned(self, only_of: "App | None" = None) -> Iterator[PlannedRoute]:
        """The planned routes, with front ends and mounts; with `only_of` without those of other applications."""
        return planned_routes((*self.routes, *self.router.frontends), only_of)

    def _before_first_request(self) -> None:
        """Make the plans that are missing, bind the routes, and warn about unreachable routes."""
        self.router.check_methods()
        self.router.start()
        for routes in self.router.route_lists():
            routes.serve(self)
            for route, others in unreachable_routes(routes):
                if not getattr(route, "may_be_unreachable", False):
                    from signette.declarative.inspection.unreachable import (  # noqa: PLC0415 - it is rarely shown
                        unreachable_message,
                    )

                    warnings.warn(unreachable_message(route, others), ShadowedRouteWarning, stacklevel=2)
        resolve_routes((*self.routes, *self.router.frontends))
        check_policies(self._planned(self), self)
        check_cursor_keys(self._planned(self), self)
        self._jobs.check(route.plan for route in self._planned(self))

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_document": None, "_running_stores": []}


def _handlers_of(errors: ProblemFormat, handlers: ExceptionHandlers) -> dict[Any, Any]:
    """The handlers of an error format, and those of the application, which go before."""
    for key, handler in handlers.items():
        check_handler(key, handler)
    return {**errors.handlers(), **{key: errors.adapted(handler) for key, handler in handlers.items()}}

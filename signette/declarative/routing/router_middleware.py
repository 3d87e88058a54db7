"""The methods of a router for its middleware and exception handlers."""

from collections.abc import Callable, Mapping
from inspect import isfunction
from types import MappingProxyType
from typing import Any, Concatenate, Literal, TypeVar

from signette.declarative.routing.applied_stacks import MountedStack
from signette.declarative.routing.guarding import surround
from signette.declarative.routing.option_checks import check_shared_options
from signette.declarative.routing.options import MoreResponses, RouteOptions
from signette.declarative.routing.router_stack import RouterStack, check_included, check_middleware_function
from signette.declarative.routing.shared_options import HasSharedOptions
from signette.declarative.sources.operation_limits import form_fields
from signette.declarative.sources.source import Source
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.body_limit import FormLimitsMiddleware, RequestBodyLimitMiddleware
from signette.middleware.decompression import RequestDecompressionMiddleware
from signette.middleware.registry import Middleware, P
from signette.routing.dispatcher import Dispatcher
from signette.types import ASGIApp, ExceptionHandler

Function = TypeVar("Function", bound=Callable[..., Any])


class HasMiddleware(HasSharedOptions, Dispatcher):
    """A router with middleware and exception handlers."""

    owner: str
    stack: RouterStack
    sources: tuple[Source, ...]
    _includes: Any

    def _including_routers(self) -> Any:
        """The routers that include this one, directly or through another router."""
        raise NotImplementedError

    @property
    def user_middleware(self) -> tuple[Middleware, ...]:
        """The middleware, the outermost first."""
        return tuple(self.stack.middleware)

    @property
    def exception_handlers(self) -> Mapping[Any, ExceptionHandler]:
        """The exception handlers by status or class."""
        return MappingProxyType(self.stack.exception_handlers)

    def add_middleware(
        self, middleware_class: Callable[Concatenate[Any, P], ASGIApp], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Put middleware around all that was added so far.

        Raises:
            RuntimeError: an application with the router has handled a request already.
            SignatureError: the middleware has no effect in a router that is included.
        """
        if self._including_routers():
            check_included(middleware_class)
        self.stack.add_middleware(middleware_class, *args, **kwargs)
        self._surround_routes()

    def middleware(self, middleware_type: Literal["http"]) -> Callable[[Function], Function]:
        """Decorator: add a function as middleware, as `App.middleware` does.

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

    def add_exception_handler(
        self,
        exc_class_or_status_code: int | type[Exception],
        handler: ExceptionHandler,
        *,
        responses: MoreResponses | None = None,
    ) -> None:
        """Register a handler. `responses` are its responses in the OpenAPI document, as those of a route.

        Raises:
            RuntimeError: an application with the router has handled a request already.
            SignatureError: the handler cannot be called with a request and an exception.
        """
        check_shared_options({"responses": responses})
        self.stack.add_exception_handler(exc_class_or_status_code, handler, responses)
        self._surround_routes()

    def exception_handler(
        self, exc_class_or_status_code: int | type[Exception], *, responses: MoreResponses | None = None
    ) -> Callable[[Function], Function]:
        """Decorator: handle a status or an exception class with the function; see `add_exception_handler`.

        Raises:
            TypeError: the decorator is used without arguments.
        """
        if isfunction(exc_class_or_status_code):
            raise TypeError("call the decorator: `@router.exception_handler(404)`, or with an exception class")

        def declare(handler: Function) -> Function:
            self.add_exception_handler(exc_class_or_status_code, handler, responses=responses)
            return handler

        return declare

    def start(self) -> None:
        """Note that an application handles requests with this router, and those in it: their middleware is fixed."""
        self.stack.start()
        mounted = (getattr(route, "mounted_app", None) for route in self.routes)
        for inner in (*self._includes, *mounted):
            if isinstance(inner, HasMiddleware):
                inner.start()

    def _surround_routes(self) -> None:
        """Put the stack around what was declared before it had something in it."""
        self._build_middleware_stack()
        for router in self._including_routers():
            for route in router.routes:
                surround(route, self.stack, router.sources)

    def _build_middleware_stack(self) -> None:
        """What handles requests if the router is mounted: its 404 and 405 are inside of the middleware, too."""
        app: ASGIApp = self.app if self.stack.is_empty else MountedStack(self.stack, self.app)
        self.middleware_stack = limit_app(app, self.shared.options, decodes=self.owner != "the application")


def limit_app(app: ASGIApp, options: RouteOptions, *, decodes: bool = True) -> ASGIApp:
    """Wrap an application in the limits that a router sets.

    `decodes`: also in the middleware that decodes request bodies. An `App` decodes them without it.
    """
    encodings = options.get("request_encodings")
    if decodes and encodings is not None:
        app = RequestDecompressionMiddleware(app, encodings)
    if (max_body_size := options.get("max_body_size")) is not None:
        app = RequestBodyLimitMiddleware(app, max_body_size)
    if form_limits := form_fields(options.get("form_limits"), "the router"):
        app = FormLimitsMiddleware(app, form_limits)
    return app

"""Resources: classes whose methods are operations, included as routers are.

Theory of operation. Each class, with its type arguments, has one router, which is made when it is first included. Its
endpoints take `self` from a dependency that makes an instance: for each request, or once for each application. The
options of a class are those of its router, combined with those of its bases.
"""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, Unpack, cast, get_args, get_origin

from signette.declarative.errors import base as base_errors
from signette.declarative.errors import resources as errors
from signette.declarative.routing.class_instances import InstanceRules, attributes_of, class_location, maker_of
from signette.declarative.routing.merging import merge_options
from signette.declarative.routing.options import RouteOptions, RouterOptions
from signette.declarative.routing.resource_methods import check_operations, endpoint_of, operations_of, variables_of
from signette.declarative.routing.router_stack import check_handler, checked
from signette.declarative.routing.shared_options import check_option_names, shared_options
from signette.declarative.signature.callables import caller_location
from signette.declarative.signature.depends import Depends
from signette.middleware.registry import Middleware
from signette.types import ExceptionHandlers

_SCOPES = ("request", "app")
_OPTIONS = "_resource_options"
_ROUTERS = "_resource_routers"


class Resource:
    """A class whose methods are operations: `class Users(Resource, prefix="/users")`, then `app.include(Users)`.

    Methods have decorators of `signette.resources`. The parameters of `__init__`, and attributes with `Depends(...)` or
    a marker, are injected. With `scope="app"` there is one instance for each application. A subclass has the operations
    and options of its bases; its own `prefix` replaces theirs.
    """

    def __init_subclass__(
        cls,
        *,
        scope: Literal["request", "app"] | None = None,
        middleware: Sequence[Middleware] | None = None,
        exception_handlers: ExceptionHandlers | None = None,
        route_class: type[Any] | None = None,
        **options: Unpack[RouterOptions],
    ) -> None:
        super().__init_subclass__()
        if scope is not None and scope not in _SCOPES:
            raise base_errors.invalid_choice(caller_location(), "scope", scope, _SCOPES)
        check_option_names(options, ("scope", "middleware", "exception_handlers", "route_class"))
        shared_options(options, f"`{cls.__name__}`")  # its checks
        for key, handler in (exception_handlers or {}).items():
            check_handler(key, handler)
        for base in cls.__mro__:
            check_operations(base)
        given = {
            **options,
            "scope": scope,
            "middleware": checked(middleware) or None,
            "exception_handlers": exception_handlers,
            "route_class": route_class,
        }
        # `dataclass(slots=True)` makes the class again, without the arguments.
        kept = vars(cls).get(_OPTIONS, {})
        setattr(cls, _OPTIONS, {**kept, **{name: value for name, value in given.items() if value is not None}})
        setattr(cls, _ROUTERS, {})


def is_resource(value: Any) -> bool:
    """Whether it is a resource: a class, a generic class with its arguments, or an instance."""
    origin = get_origin(value) or value
    return issubclass(origin, Resource) if isinstance(origin, type) else isinstance(value, Resource)


def router_of(resource: Any, make_router: Callable[..., Any]) -> Any:
    """The router of a resource. Raises SignatureError."""
    origin = get_origin(resource) or resource
    cls: type[Any] = origin if isinstance(origin, type) else type(resource)
    if origin is resource and not isinstance(resource, type):
        return _router_of(cls, (), resource, make_router)
    routers, arguments = vars(cls)[_ROUTERS] if cls is not Resource else {}, get_args(resource)
    if arguments not in routers:
        routers[arguments] = _router_of(cls, arguments, None, make_router)
    return routers[arguments]


def _router_of(cls: type[Any], arguments: tuple[Any, ...], instance: Any, make_router: Callable[..., Any]) -> Any:
    operations = list(operations_of(cls))
    if not operations:
        raise errors.resource_without_operations(caller_location(), cls.__name__)
    first = operations[0][1].function
    unknown = getattr(cls, "__parameters__", ())[len(arguments) :]
    if unknown and instance is None:
        raise errors.generic_resource(class_location(cls, first), cls.__name__, [each.__name__ for each in unknown])
    options, name = _options_of(cls), _name_of(cls, arguments)
    is_shared = options.pop("scope", "request") == "app"
    options["tags"] = [_in_words(name)] if options.get("tags") is None else options["tags"]
    router, names = make_router(**options), {name for name, _ in operations}
    variables = variables_of(cls, arguments)
    close = _close_of(cls, names) if is_shared else None
    rules = InstanceRules(only_marked=True, in_thread=False, opens=True, close=close, variables=variables)
    self_type: Any = None
    if instance is None:
        self_type = Annotated[cls, Depends(maker_of(cls, first, rules), scope="app" if is_shared else None)]
    elif injected := next(attributes_of(cls, class_location(cls, first), rules), None):
        raise errors.instance_with_parameters(class_location(cls, first), injected.name)
    endpoints = {each: endpoint_of(cls, each, variables, instance, self_type) for each in names}
    for method, operation in operations:
        own: Any = {"name": f"{name}_{method}", "summary": _in_words(method), **operation.options}
        if operation.methods is None:
            router.add_api_websocket_route(operation.path, endpoints[method], **own)
        else:
            router.add_api_route(operation.path, endpoints[method], operation.methods, **own)
    return router


def _options_of(cls: type[Any]) -> dict[str, Any]:
    """The options of a class, combined with those of its bases as with outer routers; but one prefix counts."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        own: Mapping[str, Any] = vars(base).get(_OPTIONS, {})
        handlers = {**found.get("exception_handlers", {}), **own.get("exception_handlers", {})}
        lists = {name: [*found.get(name, ()), *own.get(name, ())] for name in ("dependencies", "middleware")}
        merged = merge_options(cast(RouteOptions, found), cast(RouteOptions, own))
        found = {**merged, **lists, "exception_handlers": handlers}
    return found


def _close_of(cls: type[Any], operations: set[str]) -> str | None:
    """The method without parameters that closes an instance, if it is not an operation."""
    for name in ("aclose", "close"):
        method = inspect.getattr_static(cls, name, None)
        if name in operations or not inspect.isfunction(method):
            continue
        required = [each for each in inspect.signature(method).parameters.values() if each.default is each.empty]
        if len(required) == 1:
            return name
    return None


def _name_of(cls: type[Any], arguments: tuple[Any, ...]) -> str:
    """`order_items` for `OrderItems` and `OrderItemsResource`."""
    names = [
        cls.__name__.removesuffix("Resource") or cls.__name__,
        *(getattr(each, "__name__", "") for each in arguments),
    ]
    return "_".join(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() for name in names if name)


def _in_words(name: str) -> str:
    return name.strip("_").replace("_", " ").capitalize()

"""The methods of resources: the decorators that make them operations, and the endpoints of a class.

Theory of operation. A decorator returns its function, and notes the operation in the namespace of the class whose body
is being executed. The operations of a class are those of all its bases. The endpoint of an operation is a copy of the
function that belongs to the class: its `self` has the type of the class, and type variables have their arguments. So a
method of a base class can be an endpoint of several classes, and `super()` calls the function itself.
"""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType, FunctionType, MethodType
from typing import Any, TypeVar, Unpack, get_args, get_origin, get_type_hints

from signette._dataclasses import dataclass
from signette.declarative.errors import base as base_errors
from signette.declarative.errors import resources as errors
from signette.declarative.routing.class_instances import Variables
from signette.declarative.routing.option_checks import check_socket_options
from signette.declarative.routing.options import RouteOptions, WebSocketOptions
from signette.declarative.signature.annotations import substituted
from signette.declarative.signature.callables import location_of, underlying

Method = TypeVar("Method", bound=Callable[..., Any])

_NOTED = "__signette_operations__"


@dataclass(frozen=True, slots=True)
class MethodOperation:
    """An operation in the body of a class. `methods` None means a WebSocket."""

    function: Any
    path: str
    methods: tuple[str, ...] | None
    options: Mapping[str, Any]


def api_route(
    path: str = "", *, methods: Sequence[str] | None = None, **options: Unpack[RouteOptions]
) -> Callable[[Method], Method]:
    """Handle several methods with a method of a resource; by default GET."""
    return _noting("api_route", path, ("GET",) if methods is None else tuple(methods), options)


def get(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[Method], Method]:
    """Handle GET and HEAD with a method of a resource."""
    return _noting("get", path, ("GET",), options)


def post(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[Method], Method]:
    """Handle POST with a method of a resource."""
    return _noting("post", path, ("POST",), options)


def put(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[Method], Method]:
    """Handle PUT with a method of a resource."""
    return _noting("put", path, ("PUT",), options)


def patch(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[Method], Method]:
    """Handle PATCH with a method of a resource."""
    return _noting("patch", path, ("PATCH",), options)


def delete(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[Method], Method]:
    """Handle DELETE with a method of a resource."""
    return _noting("delete", path, ("DELETE",), options)


def head(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[Method], Method]:
    """Handle HEAD with a method of a resource, instead of the GET endpoint."""
    return _noting("head", path, ("HEAD",), options)


def options(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[Method], Method]:
    """Handle OPTIONS with a method of a resource, instead of the default response with `Allow`."""
    return _noting("options", path, ("OPTIONS",), options)


def trace(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[Method], Method]:
    """Handle TRACE with a method of a resource."""
    return _noting("trace", path, ("TRACE",), options)


def query(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[Method], Method]:
    """Handle QUERY with a method of a resource: safe like GET, with a body like POST."""
    return _noting("query", path, ("QUERY",), options)


def websocket(path: str = "", **options: Unpack[WebSocketOptions]) -> Callable[[Method], Method]:
    """Handle WebSocket connections with a method of a resource."""
    return _noting("websocket", path, None, options)


def _noting(
    verb: str, path: Any, methods: tuple[str, ...] | None, options: Mapping[str, Any]
) -> Callable[[Method], Method]:
    if not isinstance(path, str):
        raise base_errors.missing_path(location_of(path), f"@{verb}()")

    def note(method: Method) -> Method:
        plain = getattr(method, "__func__", method)  # of a class method or a static method
        if not inspect.isfunction(plain):
            place = next((each for each in (getattr(plain, "fget", None), plain) if callable(each)), note)
            raise errors.operation_not_a_method(location_of(place), verb, method)
        namespace = _class_body_of(plain)
        if namespace is None:
            raise errors.operation_outside_class(location_of(plain), verb)
        if methods is None:
            check_socket_options(options, plain)
        namespace.setdefault(_NOTED, []).append(MethodOperation(plain, path, methods, options))
        return method

    return note


def _class_body_of(function: Any) -> Any:
    """The namespace of the class whose body is being executed, and in which a function is defined."""
    outer = function.__qualname__.rpartition(".")[0]
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and (not outer or frame.f_locals.get("__qualname__") != outer):
        frame = frame.f_back
    return None if frame is None else frame.f_locals


# -- the operations of a class -----------------------------------------------------------------------------------------


def check_operations(cls: type[Any]) -> None:
    """Reject operations in the body of a class whose function is not there. Raises SignatureError."""
    for each in vars(cls).get(_NOTED, ()):
        if _name_in(cls, each) is None:
            raise errors.hidden_operation(location_of(each.function), each.function.__name__)


def operations_of(cls: type[Any]) -> Iterator[tuple[str, MethodOperation]]:
    """The operations of a class and its bases with the names of their methods; those of subclasses first.

    A method with decorators replaces the operations of an overridden one; without, it has the same operations. None in
    place of a method removes them.
    """
    replaced: set[str] = set()
    for base in cls.__mro__:
        check_operations(base)
        own = [(str(_name_in(base, each)), each) for each in vars(base).get(_NOTED, ())]
        yield from ((name, each) for name, each in own if name not in replaced)
        replaced |= {name for name, _ in own} | {name for name, value in vars(base).items() if value is None}


def _name_in(cls: type[Any], operation: MethodOperation) -> str | None:
    """The name of the method of an operation in the body of a class."""
    return next((name for name, value in vars(cls).items() if operation.function in _layers(value)), None)


def _layers(value: Any) -> Iterator[Any]:
    """A function, and those that its decorators have wrapped."""
    value = getattr(value, "__func__", value)
    while value is not None:
        yield value
        value = getattr(value, "__wrapped__", None) if inspect.isfunction(value) else None


def variables_of(cls: type[Any], arguments: Sequence[Any]) -> dict[type[Any], dict[Any, Any]]:
    """The arguments of the type variables of a class and its generic bases."""
    own = dict(zip(getattr(cls, "__parameters__", ()), arguments, strict=False))
    found: dict[type[Any], dict[Any, Any]] = {cls: own}
    for base in vars(cls).get("__orig_bases__", cls.__bases__):
        origin = get_origin(base) or base
        if isinstance(origin, type):
            inner = [substituted(each, own) for each in get_args(base)]
            found = {**variables_of(origin, inner), **found}
    return found


# -- endpoints ---------------------------------------------------------------------------------------------------------


def endpoint_of(cls: type[Any], name: str, variables: Variables, instance: Any, self_type: Any) -> Any:
    """The endpoint for a method: a copy of its function. `self` is read as `self_type`, or it is an instance.

    Raises SignatureError.
    """
    owner = next(base for base in cls.__mro__ if name in vars(base))
    value = vars(owner)[name]
    function = getattr(value, "__func__", value)
    if not inspect.isfunction(function):
        raise errors.operation_not_a_method(location_of(cls), name, value)
    signature = _signature_of(function, variables.get(owner, {}))
    if isinstance(value, staticmethod):
        return _copy(function, cls, signature)
    first = next(iter(signature.parameters.values()), None)
    if first is None or first.kind is first.KEYWORD_ONLY:
        raise errors.method_without_self(location_of(function), name)
    if isinstance(value, classmethod):
        return MethodType(_copy(function, cls, signature), cls)
    if instance is not None:
        return MethodType(_copy(function, cls, signature), instance)
    parameters = [first.replace(annotation=self_type), *list(signature.parameters.values())[1:]]
    return _copy(function, cls, signature.replace(parameters=parameters))


def _signature_of(function: Any, variables: Mapping[Any, Any]) -> inspect.Signature:
    """The signature; annotations that are strings stay so, unless there are type variables."""
    signature = inspect.signature(function)
    if not variables:
        return signature
    try:
        names = {each.__name__: each for each in variables}
        hints = get_type_hints(underlying(function), localns=names, include_extras=True)
    except NameError as exc:
        raise base_errors.unresolved_forward_ref(location_of(function), exc.name or str(exc)) from None
    result = hints.get("return", signature.return_annotation)
    parameters = [
        each.replace(annotation=substituted(hints.get(each.name, each.annotation), variables))
        for each in signature.parameters.values()
    ]
    return signature.replace(parameters=parameters, return_annotation=substituted(result, variables))


def _copy(function: Any, cls: type[Any], signature: inspect.Signature) -> Any:
    copy: Any = FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    copy.__dict__.update(function.__dict__)
    copy.__kwdefaults__, copy.__doc__, copy.__module__ = function.__kwdefaults__, function.__doc__, function.__module__
    copy.__qualname__ = f"{cls.__qualname__}.{function.__name__}"
    copy.__signature__ = signature
    return copy

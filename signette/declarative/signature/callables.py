"""The location, the kind and the parameters of a callable."""

import dataclasses
import functools
import inspect
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard, get_args, get_origin, get_type_hints

from signette.declarative.fields.base import FieldMark
from signette.declarative.fields.class_fields import InitField, has_own_constructor, init_fields
from signette.declarative.signature.annotations import UnresolvedName, annotated, is_evaluated, substituted
from signette.declarative.signature.declared import declared
from signette.declarative.signature.defaults import ABSENT
from signette.declarative.signature.foreign_markers import own_marker
from signette.declarative.signature.markers import MISSING, Marker
from signette.declarative.signature.model import Kind, Parameter, SourceLocation


class VariadicParameter(Exception):
    """A signature has `*args` or `**kwargs`. The message is the parameter."""


def caller_location() -> SourceLocation:
    """The line outside of this package whose call is running."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "signette":
        frame = frame.f_back
    code = frame.f_code
    name = f"{frame.f_globals.get('__name__', '')}.{code.co_qualname}".replace(".<module>", "")
    return SourceLocation(name, _short(code.co_filename), frame.f_lineno)


def location_of(target: Callable[..., Any]) -> SourceLocation:
    """The location of a callable for messages: dotted name, file and line."""
    if is_undecorated(target):
        name = f"{target.__module__}.{target.__qualname__}".lstrip(".")
        return SourceLocation(name, _short(target.__code__.co_filename), target.__code__.co_firstlineno)
    target = get_origin(target) or target
    function = underlying(target)
    # A callable instance is named by its class, not by `__call__`.
    is_instance = not (inspect.isclass(target) or inspect.isroutine(target) or isinstance(target, functools.partial))
    named = type(target) if is_instance else target if inspect.isclass(target) else function
    name = f"{getattr(named, '__module__', '')}.{getattr(named, '__qualname__', type(target).__name__)}".lstrip(".")
    code = getattr(function, "__code__", None)
    if code is None:
        return SourceLocation(name, "", 0)
    return SourceLocation(name, _short(code.co_filename), code.co_firstlineno)


# PERF: a route locates its endpoint five times, and `Path` takes 8 us. All routes of a file share the text.
@functools.lru_cache(maxsize=1024)
def _short(file: str) -> str:
    """The last folder and the file: enough to find it, and equal on every machine."""
    return "/".join(Path(file).parts[-2:])


def is_undecorated(target: Any) -> TypeGuard[types.FunctionType]:
    """Whether it is a function as `def` makes it, that no decorator has wrapped."""
    # PERF: most callables are. The questions below ask `inspect` up to ten times for each other one.
    return type(target) is types.FunctionType and not hasattr(target, "__wrapped__")


def underlying(target: Any) -> Any:
    """The function that was written, without partials, decorators, methods, callable instances and classes."""
    if is_undecorated(target):
        return target
    while True:
        if isinstance(target, functools.partial):
            target = target.func
        elif hasattr(target, "__wrapped__"):
            target = target.__wrapped__
        elif inspect.ismethod(target):
            target = target.__func__
        elif inspect.isclass(target):
            return target.__init__
        elif inspect.isclass(get_origin(target)):
            target = get_origin(target)
        elif inspect.isfunction(target) or inspect.isbuiltin(target):
            return target
        elif inspect.isfunction(getattr(type(target), "__call__", None)):  # noqa: B004 - the class's own
            target = type(target).__call__
        else:
            return target


def kind_of(target: Callable[..., Any]) -> Kind:
    """How to call it. Of a decorated function, the outermost function decides, then the wrapped one."""
    if is_undecorated(target):
        # Other functions may be marked as coroutine functions (`inspect.markcoroutinefunction`).
        if target.__code__.co_flags & inspect.CO_COROUTINE:
            return Kind.ASYNC
        if target.__code__.co_flags & inspect.CO_ASYNC_GENERATOR:
            return Kind.ASYNC_GENERATOR
    target = get_origin(target) or target
    if inspect.isclass(target) and (dataclasses.is_dataclass(target) or hasattr(target, "model_fields")):
        return Kind.VALUE
    function = underlying(target)
    for test, kind in (
        (inspect.isasyncgenfunction, Kind.ASYNC_GENERATOR),
        (inspect.iscoroutinefunction, Kind.ASYNC),
        (inspect.isgeneratorfunction, Kind.SYNC_GENERATOR),
    ):
        outer = target.func if isinstance(target, functools.partial) else target
        call = getattr(type(outer), "__call__", None)  # noqa: B004 - the class's own, an instance is called through it
        if test(outer) or (not inspect.isclass(outer) and (test(function) or (call is not None and test(call)))):
            return kind
    return Kind.SYNC


# `contextlib` wraps all generator functions with the same two code objects.
_MANAGERS = {contextmanager(iter).__code__, asynccontextmanager(aiter).__code__}


def unwrap_contextmanager(target: Any) -> Any:
    """The generator function under `@contextmanager`; other callables are returned unchanged."""
    if isinstance(target, functools.partial):
        inner = unwrap_contextmanager(target.func)
        return target if inner is target.func else functools.partial(inner, *target.args, **target.keywords)
    if getattr(target, "__code__", None) not in _MANAGERS:
        return target
    function = target.__wrapped__
    return types.MethodType(function, target.__self__) if inspect.ismethod(target) else function


def identity_of(target: Any) -> Any:
    """A key for a callable: itself, or its id if it cannot be hashed."""
    return target if is_hashable(target) else id(target)


def is_hashable(target: Any) -> bool:
    """Whether it can be a key of a mapping."""
    try:
        hash(target)
    except TypeError:
        return False
    return True


def count_by_position(target: Callable[..., Any], names: Sequence[str]) -> int:
    """The number of these arguments to pass by position; the others are passed by name.

    All of them, unless the callable has `**kwargs`: a decorator may look for arguments there.
    """
    outer: Any = get_origin(target) or target
    filled = 0
    while isinstance(outer, functools.partial):
        filled += len(outer.args)
        outer = outer.func
    if inspect.isclass(outer):
        outer, filled = outer.__init__, filled + 1
    elif not isinstance(outer, types.FunctionType):  # a method, or an object whose class has `__call__`
        outer = outer.__func__ if inspect.ismethod(outer) else getattr(type(outer), "__call__", None)  # noqa: B004
        filled += 1
    code: types.CodeType | None = getattr(outer, "__code__", None)
    if code is None:
        return len(names)
    own = code.co_varnames[filled : code.co_argcount]
    if not code.co_flags & inspect.CO_VARKEYWORDS:
        # The order of a `__signature__` may be another one than that of the function; so may its names.
        by_name_only = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        if not _has_own_signature(target) or set(names) - {*own, *by_name_only}:
            return len(names)
        return next((place for place, name in enumerate(names) if own[place : place + 1] != (name,)), len(names))
    unknown = [place for place, name in enumerate(own, start=1) if name not in names]
    kinds = inspect.signature(get_origin(target) or target).parameters
    # A constructor may accept any positional arguments.
    by_position = [each for each in names if each not in kinds or kinds[each].kind is inspect.Parameter.POSITIONAL_ONLY]
    return max(len(by_position), code.co_posonlyargcount - filled, *unknown, 0)


def takes_any_name(target: Callable[..., Any], name: str) -> bool:
    """Whether a parameter of the signature is passed in `**kwargs`, so that the callable itself does not need it."""
    outer = target
    while isinstance(outer, functools.partial):
        outer = outer.func
    code: types.CodeType | None = getattr(getattr(outer, "__func__", outer), "__code__", None)
    if code is None or not code.co_flags & inspect.CO_VARKEYWORDS:
        return False
    return name not in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def parameters_of(target: Callable[..., Any], *, alone: bool = False) -> list[Parameter]:
    """The parameters of a callable, without those filled by a method's instance or `functools.partial`.

    `alone`: the callable is called outside of a request, so `*args` and `**kwargs` are left empty.

    Raises:
        UnresolvedName: an annotation contains an undefined name.
        VariadicParameter: the signature has `*args` or `**kwargs`.

    And the errors of `declared`.
    """
    written = _written_parameters(target)
    # An object may define its own `__signature__`: caching decorators and security schemes do.
    own = {each.name: each.annotation for each in written if each.annotation is not _EMPTY}
    fields = init_fields(target) if inspect.isclass(target) else {}
    if _has_own_signature(target):
        hints = _resolved(target, own)
    else:  # the hints of pydantic's constructors are internals of pydantic
        hints = {} if fields and not has_own_constructor(target) else hints_of(target)
    variables = _variables_of(target)
    found = []
    for each in written:
        if each.variadic:
            if alone:
                continue
            raise VariadicParameter(each.variadic)
        annotation = hints.get(each.name, Any if each.annotation is _EMPTY else each.annotation)
        if each.name in fields and each.name not in hints:
            annotation = _with_marker(fields[each.name])
        if isinstance(annotation, dataclasses.InitVar):
            annotation = annotation.type
        if variables:
            annotation = substituted(annotation, variables)
        default = MISSING if each.default is _EMPTY or each.default is ... else each.default
        if type(default).__name__ == "_HAS_DEFAULT_FACTORY_CLASS":  # of dataclasses and pydantic
            default = ABSENT
        found.append(declared(each.name, annotation, default, each.keyword_only))
    return found


_EMPTY: Any = inspect.Parameter.empty
_VARIADIC = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


class _Written(NamedTuple):
    """A parameter as it is written."""

    name: str
    annotation: Any
    default: Any
    keyword_only: bool = False
    variadic: str = ""
    """`*args`, `**kwargs`, or nothing for other parameters."""


def _written_parameters(target: Callable[..., Any]) -> list[_Written]:
    # PERF: `inspect.signature` asks what else than a function it might be, and takes four times as long.
    if is_undecorated(target) and not (target.__code__.co_flags & _VARIADIC or hasattr(target, "__signature__")):
        code, annotations, by_name = target.__code__, target.__annotations__, target.__kwdefaults__ or {}
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        by_place = (*((_EMPTY,) * code.co_argcount), *(target.__defaults__ or ()))[-code.co_argcount :]
        defaults = (*by_place[: code.co_argcount], *(by_name.get(each, _EMPTY) for each in names[code.co_argcount :]))
        return [
            _Written(name, annotations.get(name, _EMPTY), default, place >= code.co_argcount)
            for place, (name, default) in enumerate(zip(names, defaults, strict=True))
        ]
    return [
        _Written(
            each.name,
            each.annotation,
            each.default,
            each.kind is each.KEYWORD_ONLY,
            str(each) if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD) else "",
        )
        for each in inspect.signature(get_origin(target) or target).parameters.values()
    ]


def _with_marker(field: InitField) -> Any:
    """The annotation of a field, with the marker of signette for a marker of another framework."""
    markers = [made for each in field.declarations if isinstance(made := own_marker(each), Marker) and made is not each]
    return annotated(field.annotation, [FieldMark(markers[-1])] if markers else [])


def _has_own_signature(target: Any) -> bool:
    return hasattr(target, "__signature__") and not inspect.isclass(target)


def _resolved(target: Any, written: Mapping[str, Any]) -> dict[str, Any]:
    """The annotations of a `__signature__`; strings are resolved in the module of the wrapped function."""
    function = underlying(target)
    names = {**getattr(target, "__globals__", {}), **getattr(function, "__globals__", {})}
    try:
        return get_type_hints(types.SimpleNamespace(__annotations__=written), names, include_extras=True)
    except NameError as exc:
        raise UnresolvedName(exc.name or str(exc)) from None


def _variables_of(target: Any) -> dict[Any, Any]:
    """The type arguments of a generic class by variable: `{T: User}` for `Repository[User]`."""
    generic: Any = get_origin(target)
    names = getattr(generic, "__parameters__", ())
    return dict(zip(names, get_args(target), strict=False))


def hints_of(target: Callable[..., Any]) -> dict[str, Any]:
    """The resolved annotations of a callable's parameters."""
    function = underlying(target)
    if not hasattr(function, "__annotations__"):
        return {}
    try:
        return _evaluated_hints(function) or get_type_hints(function, include_extras=True)
    except NameError as exc:
        # The return type may be imported for type checkers only.
        wanted = {name: hint for name, hint in function.__annotations__.items() if name != "return"}
        if len(wanted) == len(function.__annotations__):
            raise UnresolvedName(exc.name or str(exc)) from None
    alone = types.SimpleNamespace(__annotations__=wanted)
    try:
        return get_type_hints(alone, getattr(function, "__globals__", {}), include_extras=True)
    except NameError as exc:
        raise UnresolvedName(exc.name or str(exc)) from None


def _evaluated_hints(function: Any) -> dict[str, Any] | None:
    """What `get_type_hints` returns, if no annotation of a function has text that is to be evaluated; else None."""
    # PERF: `get_type_hints` evaluates types as well, part by part, to return them as they are.
    if not is_undecorated(function) or hasattr(function, "__no_type_check__"):
        return None
    written = function.__annotations__
    for each in written.values():
        if not is_evaluated(each):
            return None
    return {name: type(None) if each is None else each for name, each in written.items()}


def result_of(target: Callable[..., Any]) -> Any:
    """The return annotation, or MISSING."""
    if inspect.isclass(get_origin(target) or target):
        return target
    empty = inspect.Signature.empty
    own = inspect.signature(target).return_annotation if _has_own_signature(target) else empty
    if own is not empty:
        return _resolved(target, {"return": own})["return"]
    function = underlying(target)
    if not hasattr(function, "__annotations__"):
        return MISSING
    try:
        hints = _evaluated_hints(function) or get_type_hints(function, include_extras=True)
    except NameError as exc:
        raise UnresolvedName(exc.name or str(exc)) from None
    return hints.get("return", MISSING)


def docstring_of(target: Callable[..., Any]) -> str:
    """The cleaned docstring, or "". Form feeds are kept."""
    holder = target if inspect.isclass(target) else underlying(target)
    # `cleandoc` treats a form feed as whitespace, and would remove it with the margin.
    return "\f".join(map(inspect.cleandoc, (getattr(holder, "__doc__", None) or "").split("\f")))

"""callable -> parameters: where a function stands, how it is called, what its signature asks for."""

import dataclasses
import functools
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from signette.declarative.fields.class_fields import has_own_constructor, init_fields
from signette.declarative.signature.annotations import UnresolvedName, substituted
from signette.declarative.signature.declared import declared
from signette.declarative.signature.defaults import ABSENT
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import Kind, Parameter, SourceLocation


class Variadic(Exception):
    """A signature takes `*args` or `**kwargs`, which no request can be read into. Its text is the parameter."""


def location_of(target: Callable[..., Any]) -> SourceLocation:
    """The place of a callable, for messages: its dotted name, and file and line where there are any."""
    target = get_origin(target) or target
    function = underlying(target)
    # An instance that is called goes by its class: one of many keys, say, and not the `__call__` of all.
    is_instance = not (inspect.isclass(target) or inspect.isroutine(target) or isinstance(target, functools.partial))
    named = type(target) if is_instance else target if inspect.isclass(target) else function
    name = f"{getattr(named, '__module__', '')}.{getattr(named, '__qualname__', type(target).__name__)}".lstrip(".")
    code = getattr(function, "__code__", None)
    if code is None:
        return SourceLocation(name, "", 0)
    file = Path(code.co_filename)
    # The last folder and the file: enough to find it, and the same on every machine.
    return SourceLocation(name, "/".join(file.parts[-2:]), code.co_firstlineno)


def underlying(target: Any) -> Any:
    """The function that was written: behind partials, decorators, bound methods, instances and classes."""
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
    """How it is to be called. A decorator's outermost function decides, what it wraps where that says more."""
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


# The functions that `contextlib` puts in the place of a generator function, known by the code that they share.
_MANAGERS = {contextmanager(iter).__code__, asynccontextmanager(aiter).__code__}


def unwrap_contextmanager(target: Any) -> Any:
    """The generator function that a `@contextmanager` was put on; anything else as it is."""
    if isinstance(target, functools.partial):
        inner = unwrap_contextmanager(target.func)
        return target if inner is target.func else functools.partial(inner, *target.args, **target.keywords)
    if getattr(target, "__code__", None) not in _MANAGERS:
        return target
    function = target.__wrapped__
    return types.MethodType(function, target.__self__) if inspect.ismethod(target) else function


def identity_of(target: Any) -> Any:
    """What tells a callable from others: itself, or its id where it cannot be a key."""
    return target if is_hashable(target) else id(target)


def is_hashable(target: Any) -> bool:
    """Whether it can be a key."""
    try:
        hash(target)
    except TypeError:
        return False
    return True


def count_by_position(target: Callable[..., Any], names: Sequence[str]) -> int:
    """How many of the arguments with these names are passed by position; the others are passed by name.

    All are, unless the callable itself takes `**kwargs`: a decorator that does looks for them there.
    """
    outer: Any = get_origin(target) or target
    bound = 0
    while isinstance(outer, functools.partial):
        bound += len(outer.args)
        outer = outer.func
    if inspect.isclass(outer):
        outer, bound = outer.__init__, bound + 1
    elif not isinstance(outer, types.FunctionType):  # a method, or an object whose class has `__call__`
        outer = outer.__func__ if inspect.ismethod(outer) else getattr(type(outer), "__call__", None)  # noqa: B004
        bound += 1
    code: types.CodeType | None = getattr(outer, "__code__", None)
    if code is None or not code.co_flags & inspect.CO_VARKEYWORDS:
        return len(names)
    own = code.co_varnames[bound : code.co_argcount]
    strange = [place for place, name in enumerate(own, start=1) if name not in names]
    kinds = inspect.signature(get_origin(target) or target).parameters
    # What makes an object of a class takes any arguments, by position as well.
    by_position = [each for each in names if each not in kinds or kinds[each].kind is inspect.Parameter.POSITIONAL_ONLY]
    return max(len(by_position), code.co_posonlyargcount - bound, *strange, 0)


def parameters_of(target: Callable[..., Any], *, alone: bool = False) -> list[Parameter]:
    """The parameters of a callable, as it is called: bound and partial ones left out.

    `alone`: without a request, so that `*args` and `**kwargs` take nothing.

    Raises UnresolvedName where an annotation names what does not exist yet, Variadic for `*args` and `**kwargs`, and
    what `declared` raises.
    """
    signature = inspect.signature(get_origin(target) or target)
    # An object that brings its own signature (decorators that cache do, and security schemes) means that one.
    own = {each.name: each.annotation for each in signature.parameters.values() if each.annotation is not each.empty}
    fields = init_fields(target) if inspect.isclass(target) else {}
    if _has_own_signature(target):
        hints = _resolved(target, own)
    else:  # that of pydantic's own constructors names what is inside of pydantic
        hints = {} if fields and not has_own_constructor(target) else hints_of(target)
    variables = _variables_of(target)
    found = []
    for each in signature.parameters.values():
        if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD):
            if alone:
                continue
            raise Variadic(str(each))
        annotation = hints.get(each.name, Any if each.annotation is each.empty else each.annotation)
        if each.name in fields and each.name not in hints:
            annotation = fields[each.name].annotation
        if isinstance(annotation, dataclasses.InitVar):
            annotation = annotation.type
        if variables:
            annotation = substituted(annotation, variables)
        default = MISSING if each.default is each.empty or each.default is ... else each.default
        if type(default).__name__ == "_HAS_DEFAULT_FACTORY_CLASS":  # of dataclasses, and of pydantic
            default = ABSENT
        found.append(declared(each.name, annotation, default, each.kind is each.KEYWORD_ONLY))
    return found


def _has_own_signature(target: Any) -> bool:
    return hasattr(target, "__signature__") and not inspect.isclass(target)


def _resolved(target: Any, written: Mapping[str, Any]) -> dict[str, Any]:
    """Annotations of a `__signature__`, those that are texts resolved where the function behind it was defined."""
    function = underlying(target)
    names = {**getattr(target, "__globals__", {}), **getattr(function, "__globals__", {})}
    try:
        return get_type_hints(types.SimpleNamespace(__annotations__=written), names, include_extras=True)
    except NameError as exc:
        raise UnresolvedName(exc.name or str(exc)) from None


def _variables_of(target: Any) -> dict[Any, Any]:
    """What a generic class's variables stand for: `{T: User}` for `Repository[User]`."""
    generic: Any = get_origin(target)
    names = getattr(generic, "__parameters__", ())
    return dict(zip(names, get_args(target), strict=False))


def hints_of(target: Callable[..., Any]) -> dict[str, Any]:
    """The resolved annotations of a callable's parameters."""
    function = underlying(target)
    if not hasattr(function, "__annotations__"):
        return {}
    try:
        return get_type_hints(function, include_extras=True)
    except NameError as exc:
        # A result that is named for checkers only keeps nobody from calling the function.
        wanted = {name: said for name, said in function.__annotations__.items() if name != "return"}
        if len(wanted) == len(function.__annotations__):
            raise UnresolvedName(exc.name or str(exc)) from None
    alone = types.SimpleNamespace(__annotations__=wanted)
    try:
        return get_type_hints(alone, getattr(function, "__globals__", {}), include_extras=True)
    except NameError as exc:
        raise UnresolvedName(exc.name or str(exc)) from None


def result_of(target: Callable[..., Any]) -> Any:
    """The annotation of the result; MISSING where there is none."""
    if inspect.isclass(get_origin(target) or target):
        return target
    empty = inspect.Signature.empty
    own = inspect.signature(target).return_annotation if _has_own_signature(target) else empty
    if own is not empty:
        return _resolved(target, {"return": own})["return"]
    function = underlying(target)
    try:
        hints = get_type_hints(function, include_extras=True) if hasattr(function, "__annotations__") else {}
    except NameError as exc:
        raise UnresolvedName(exc.name or str(exc)) from None
    return hints.get("return", MISSING)


def docstring_of(target: Callable[..., Any]) -> str:
    """The cleaned docstring of what was written, "" where there is none. A form feed stays where it stands."""
    holder = target if inspect.isclass(target) else underlying(target)
    # `cleandoc` takes a form feed for a blank, and would cut it off with the margin.
    return "\f".join(map(inspect.cleandoc, (getattr(holder, "__doc__", None) or "").split("\f")))

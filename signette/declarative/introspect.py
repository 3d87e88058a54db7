"""callable -> parameters. The only file that looks at functions and types by reflection."""

import dataclasses
import functools
import inspect
import types
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from collections.abc import Sequence as AbstractSequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from signette.declarative.depends import Dependency
from signette.declarative.ir import Kind, Parameter, Where
from signette.declarative.markers import MISSING, Marker

Answer = TypeVar("Answer")


class UnresolvedName(Exception):
    """An annotation names something that does not exist yet. Its text is the name."""


class Variadic(Exception):
    """A signature takes `*args` or `**kwargs`, which no request can be read into. Its text is the parameter."""


class TwoSources(Exception):
    """A parameter has a marker in its annotation, and another for its default. Its arguments: the name, and both."""


def where_of(target: Callable[..., Any]) -> Where:
    """The place of a callable, for messages: its dotted name, and file and line where there are any."""
    target = get_origin(target) or target
    function = underlying(target)
    # An instance that is called goes by its class: one of many keys, say, and not the `__call__` of all.
    is_instance = not (inspect.isclass(target) or inspect.isroutine(target) or isinstance(target, functools.partial))
    named = type(target) if is_instance else target if inspect.isclass(target) else function
    name = f"{getattr(named, '__module__', '')}.{getattr(named, '__qualname__', type(target).__name__)}".lstrip(".")
    code = getattr(function, "__code__", None)
    if code is None:
        return Where(name, "", 0)
    file = Path(code.co_filename)
    # The last folder and the file: enough to find it, and the same on every machine.
    return Where(name, "/".join(file.parts[-2:]), code.co_firstlineno)


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


def generator_behind(target: Any) -> Any:
    """The generator function that a `@contextmanager` was put on; anything else as it is."""
    if isinstance(target, functools.partial):
        inner = generator_behind(target.func)
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


def parameters_of(target: Callable[..., Any], *, alone: bool = False) -> list[Parameter]:
    """The parameters of a callable, as it is called: bound and partial ones left out.

    `alone`: without a request, so that `*args` and `**kwargs` take nothing.

    Raises UnresolvedName where an annotation names what does not exist yet, Variadic for `*args` and `**kwargs`,
    TwoSources for a marker in the annotation and another for the default.
    """
    # An object that brings its own signature (security schemes do) means that one.
    hints = {} if hasattr(target, "__signature__") and not inspect.isclass(target) else hints_of(target)
    variables = _variables_of(target)
    signature = inspect.signature(get_origin(target) or target)
    found = []
    for each in signature.parameters.values():
        if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD):
            if alone:
                continue
            raise Variadic(str(each))
        annotation = hints.get(each.name, Any if each.annotation is each.empty else each.annotation)
        if variables:
            annotation = _substituted(annotation, variables)
        default = MISSING if each.default is each.empty or each.default is ... else each.default
        found.append(_parameter(each.name, annotation, default, each.kind is each.KEYWORD_ONLY))
    return found


def _variables_of(target: Any) -> dict[Any, Any]:
    """What a generic class's variables stand for: `{T: User}` for `Repository[User]`."""
    generic: Any = get_origin(target)
    names = getattr(generic, "__parameters__", ())
    return dict(zip(names, get_args(target), strict=False))


def _substituted(annotation: Any, variables: Mapping[Any, Any]) -> Any:
    """The annotation with variables replaced by what they stand for."""
    if annotation in variables:
        return variables[annotation]
    names = getattr(annotation, "__parameters__", ())
    return annotation[tuple(variables.get(name, name) for name in names)] if names else annotation


def _parameter(name: str, annotation: Any, default: Any, keyword_only: bool) -> Parameter:
    plain, marks = split_annotation(annotation)
    if marks and isinstance(default, Marker | Dependency):
        raise TwoSources(name, marks[-1], default)
    if isinstance(default, Marker):  # the old style: `n: int = Query(3)`
        marks, default = [*marks, default], default.default
    elif isinstance(default, Dependency):
        marks, default = [*marks, default], MISSING
    # `Depends` wins over a marker of a source, else the last one said wins.
    mark = next((mark for mark in marks if isinstance(mark, Dependency)), marks[-1] if marks else None)
    factory: Any = class_of(plain)
    if getattr(factory, "__parameters__", ()) and get_args(bare(plain)):
        factory = bare(plain)  # a generic class: its arguments say what its own parameters are
    return Parameter(name, plain, mark, default, keyword_only, factory=None if factory is Any else factory)


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


def kept(ask: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Remember the answers of a question about annotations: a signature's plan asks each of them several times.

    Only for questions whose answer is no annotation itself: `Literal[1]` equals `Literal[True]`, and must stay apart.
    """
    remembered = functools.lru_cache(maxsize=4096)(ask)

    @functools.wraps(ask)
    def answer(annotation: Any) -> Answer:
        try:
            return remembered(annotation)
        except TypeError:  # metadata that cannot be hashed
            return ask(annotation)

    return answer


# -- annotations ------------------------------------------------------------------------------------------------------


def resolve_alias(annotation: Any) -> Any:
    """What a PEP 695 alias stands for, also one that was given types: `Pair[int]`."""
    while True:
        if _is_alias(annotation):
            annotation = annotation.__value__
            continue
        alias: Any = getattr(annotation, "__origin__", None)
        if _is_alias(alias):
            given = dict(zip(alias.__type_params__, get_args(annotation), strict=False))
            annotation = alias.__value__[tuple(given[each] for each in alias.__value__.__parameters__)]
        else:
            return annotation


def _is_alias(annotation: Any) -> bool:
    return type(annotation).__name__ == "TypeAliasType"


def split_annotation(annotation: Any) -> tuple[Any, list[Any]]:
    """An annotation without our marks, and the marks in the order in which they stand."""
    annotation = resolve_alias(annotation)
    if get_origin(annotation) is not Annotated:
        return annotation, []
    bare, *metadata = get_args(annotation)
    inner, marks = split_annotation(bare)
    marks += [each for each in metadata if isinstance(each, Marker | Dependency)]
    plain = [each for each in metadata if not isinstance(each, Marker | Dependency)]
    return (Annotated[(inner, *plain)] if plain else inner), marks


def bare(annotation: Any) -> Any:
    """The type alone: aliases followed, metadata dropped."""
    if type(annotation) is type:  # PERF: a plain class, as most are
        return annotation
    annotation = resolve_alias(annotation)
    while get_origin(annotation) is Annotated:
        annotation = resolve_alias(get_args(annotation)[0])
    return annotation


def metadata_of(annotation: Any) -> tuple[Any, ...]:
    """What stands behind the type in `Annotated[...]`."""
    if type(annotation) is type:
        return ()
    annotation = resolve_alias(annotation)
    if get_origin(annotation) is not Annotated:
        return ()
    inner, *metadata = get_args(annotation)
    return (*metadata_of(inner), *metadata)


def members_of(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, nested ones too; a type that is no union is its own only member."""
    annotation_ = bare(annotation)
    if is_union(annotation_):
        return tuple(member for each in get_args(annotation_) for member in members_of(each))
    return (annotation,)


def members_without(annotation: Any, apart: Callable[[Any], bool]) -> tuple[Any, ...]:
    """The members of a union, of which those that are `apart` stand alone; what holds none of these stays whole."""
    members = members_of(annotation)
    if len(members) == 1 or not any(map(apart, members)):
        return (annotation,)
    return tuple(part for each in get_args(bare(annotation)) for part in members_without(each, apart))


def models_in(annotation: Any) -> tuple[Any, ...]:
    """The models of a union of nothing else, `None` left out; of a model itself, that one. Empty for all else."""
    members = tuple(member for member in members_of(annotation) if bare(member) is not type(None))
    return members if all(is_model(member) for member in members) else ()


def is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType)


def without_none(annotation: Any) -> Any:
    """`T` for `T | None`, anything else as it is."""
    members = [member for member in members_of(annotation) if bare(member) is not type(None)]
    return members[0] if len(members) == 1 else annotation


@kept
def class_of(annotation: Any) -> type | None:
    """The class behind an annotation: `list` for `list[int]`. None where there is none."""
    annotation = bare(annotation)
    while hasattr(annotation, "__supertype__"):
        annotation = bare(annotation.__supertype__)
    origin = get_origin(annotation)
    found = origin if origin is not None else annotation
    return found if isinstance(found, type) and found is not types.UnionType else None


@kept
def inner_class(annotation: Any) -> type | None:
    """The class behind an annotation, `None` beside it left out."""
    return class_of(without_none(annotation))


_COLLECTIONS = (list, set, frozenset, tuple, AbstractSequence, AbstractSet)


@kept
def is_collection(annotation: Any) -> bool:
    """Whether it takes several values: a list, set or tuple, also beside `None`."""
    return any(_is_collection_class(class_of(member)) for member in members_of(annotation))


def _is_collection_class(cls: type | None) -> bool:
    return cls is not None and issubclass(cls, _COLLECTIONS) and not issubclass(cls, (str, bytes, bytearray))


def item_of(annotation: Any) -> Any:
    """The type of the items of a collection or stream, Any where it is not said."""
    for member in members_of(annotation):
        args = get_args(bare(member))
        if args:
            return args[0]
    return Any


@kept
def is_model(annotation: Any) -> bool:
    """Whether it has fields: a pydantic model, a dataclass or a TypedDict."""
    cls = bare(annotation)
    cls = get_origin(cls) or cls
    if not isinstance(cls, type):
        return False
    return hasattr(cls, "model_fields") or dataclasses.is_dataclass(cls) or _is_typed_dict(cls)


def _is_typed_dict(cls: type) -> bool:
    # By its shape: that of `typing_extensions` is another class, which pydantic asks for before Python 3.12.
    return issubclass(cls, dict) and hasattr(cls, "__total__") and hasattr(cls, "__required_keys__")


@kept
def is_scalar(annotation: Any) -> bool:
    """Whether it stands in one piece of text: numbers, strings, dates, enums, literals, and unions of them."""
    return all(_is_scalar_member(member) for member in members_of(annotation))


def _is_scalar_member(annotation: Any) -> bool:
    plain = bare(annotation)
    if plain is Any or plain is type(None) or get_origin(plain) is Literal:
        return True
    cls = class_of(plain)
    if cls is None:
        return not is_model(plain)
    return not is_model(plain) and not _is_collection_class(cls) and not issubclass(cls, Mapping)


@kept
def is_json_text(annotation: Any) -> bool:
    """Whether one text holds a JSON value: pydantic's `Json[T]`."""
    return any(says_json((*metadata_of(member), bare(member))) for member in members_of(annotation))


def says_json(metadata: Iterable[Any]) -> bool:
    """Whether pydantic's `Json` is among these, known by its shape."""
    return any(getattr(each, "__name__", type(each).__name__) == "Json" for each in metadata)


_STREAMS = (AsyncGenerator, AsyncIterator, AsyncIterable, Generator, Iterator, Iterable)


def is_stream(annotation: Any) -> bool:
    """Whether it is an iterator that is consumed once, and no collection: `AsyncIterator[Row]`."""
    return class_of(annotation) in _STREAMS

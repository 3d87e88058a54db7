"""Questions about annotations: class, union members, metadata, and whether they are models, scalars or collections."""

import dataclasses
import functools
import sys
import types
import typing
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
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

# PERF: `get_origin` compares with six classes. The class of an annotation decides as well, for most of them.
_ANNOTATED = type(Annotated[int, ""])
_NEVER_ALIASES = frozenset({type, types.UnionType, _ANNOTATED})
_NEVER_UNIONS = frozenset({type, types.GenericAlias, _ANNOTATED})


def cached(function: Callable[[Any], T]) -> Callable[[Any], T]:
    """Cache a function of an annotation, also for annotations that cannot be hashed.

    Not for functions that return annotations: `Literal[1]` and `Literal[True]` are equal, so they share a cache entry.
    """
    with_cache = functools.lru_cache(maxsize=4096)(function)

    @functools.wraps(function)
    def call(annotation: Any) -> T:
        try:
            return with_cache(annotation)
        except TypeError:  # metadata that cannot be hashed
            return function(annotation)

    return call


class UnresolvedName(Exception):
    """An annotation contains an undefined name. The message is the name."""


def is_evaluated(annotation: Any) -> bool:
    """Whether no part of an annotation is text, as far as it can be seen at little cost. None counts as a type."""
    if type(annotation) is type or annotation is None or annotation is Any:
        return True
    if type(annotation) is _ANNOTATED:
        return is_evaluated(get_args(annotation)[0])
    if type(annotation) is types.GenericAlias or type(annotation) is types.UnionType:
        return all(map(is_evaluated, annotation.__args__))
    return isinstance(annotation, type)


def resolve_alias(annotation: Any) -> Any:
    """The value of a PEP 695 alias, generic or not (`Pair[int]`); other annotations are returned unchanged."""
    if _is_never_alias(annotation):
        return annotation
    while True:
        if is_alias(annotation):
            variables = {each: _fallback(each) for each in getattr(annotation, "__type_params__", ())}
            annotation = substituted(alias_value(annotation), variables)
            continue
        alias: Any = get_origin(annotation)
        if not is_alias(alias):
            return annotation
        given = dict(zip(alias.__type_params__, get_args(annotation), strict=False))
        variables = {each: given.get(each, _fallback(each)) for each in alias.__type_params__}
        annotation = substituted(alias_value(alias), variables)


def _is_never_alias(annotation: Any) -> bool:
    """Whether the class of an annotation excludes an alias: that of `int`, `int | None` and `list[int]` does."""
    kind = type(annotation)
    return kind in _NEVER_ALIASES or (kind is types.GenericAlias and type(annotation.__origin__) is type)


def is_alias(annotation: Any) -> bool:
    """Whether it is a PEP 695 alias."""
    return type(annotation).__name__ == "TypeAliasType"


def alias_of(annotation: Any) -> Any:
    """The PEP 695 alias of an annotation, without type arguments; None for other annotations."""
    if _is_never_alias(annotation):
        return None
    if is_alias(annotation):
        return annotation
    origin = get_origin(annotation)
    return origin if is_alias(origin) else None


@functools.lru_cache(maxsize=1024)
def alias_value(alias: Any) -> Any:
    """The value of an alias, with forward references resolved in the alias's module.

    Raises:
        UnresolvedName: the value contains an undefined name.
    """
    names = {**vars(sys.modules.get(alias.__module__ or "", typing)), alias.__name__: alias}
    try:
        holder = types.SimpleNamespace(__annotations__={"value": alias.__value__})
        return get_type_hints(holder, names, include_extras=True)["value"]
    except NameError as exc:
        raise UnresolvedName(exc.name or str(exc)) from None


def _fallback(variable: Any) -> Any:
    """The type that pydantic uses for a type variable without an argument: its default, its `__bound__`, or Any."""
    default = getattr(variable, "__default__", None)
    if default is not None and type(default).__name__ not in ("NoDefaultType", "NoDefault"):
        return default
    return getattr(variable, "__bound__", None) or Any


def substituted(annotation: Any, variables: Mapping[Any, Any]) -> Any:
    """The annotation with its type variables replaced."""
    if not variables:
        return annotation
    if isinstance(annotation, TypeVar):
        return variables.get(annotation, annotation)
    names = getattr(annotation, "__parameters__", ())
    return annotation[tuple(variables.get(name, name) for name in names)] if names else annotation


@functools.lru_cache(maxsize=1024)
def is_recursive(alias: Any) -> bool:
    """Whether the value of an alias contains the alias itself: a JSON value, a tree."""
    return _contains(alias_value(alias), alias, frozenset())


def _contains(annotation: Any, target: Any, seen: frozenset[Any]) -> bool:
    alias = alias_of(annotation)
    if alias is target:
        return True
    if alias is not None:
        if alias in seen:
            return False
        seen |= {alias}
        if _contains(alias_value(alias), target, seen):
            return True
    if get_origin(annotation) is Literal:
        return False
    return any(_contains(each, target, seen) for each in get_args(annotation))


def strip_annotated(annotation: Any) -> Any:
    """The type without metadata, with aliases resolved."""
    if type(annotation) is type:
        return annotation
    annotation = resolve_alias(annotation)
    while type(annotation) is _ANNOTATED:
        annotation = resolve_alias(get_args(annotation)[0])
    return annotation


def metadata_of(annotation: Any) -> tuple[Any, ...]:
    """The metadata of `Annotated[T, ...]`, in order; () for other annotations."""
    if type(annotation) is type:
        return ()
    annotation = resolve_alias(annotation)
    if type(annotation) is not _ANNOTATED:
        return ()
    inner, *metadata = get_args(annotation)
    return (*metadata_of(inner), *metadata)


def annotated(annotation: Any, metadata: AbstractSequence[Any]) -> Any:
    """`Annotated[annotation, *metadata]`; the annotation itself if there is no metadata."""
    return Annotated[(annotation, *metadata)] if metadata else annotation


def union_members(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, flattened. A type that is not a union is its own only member."""
    if type(annotation) is type:
        return (annotation,)
    annotation_ = strip_annotated(annotation)
    if is_union(annotation_):
        return tuple(member for each in get_args(annotation_) for member in union_members(each))
    return (annotation,)


def union_members_without(annotation: Any, is_separate: Callable[[Any], bool]) -> tuple[Any, ...]:
    """Split a union into the members for which `is_separate` is true, and the largest parts without such members."""
    members = union_members(annotation)
    if len(members) == 1 or not any(map(is_separate, members)):
        return (annotation,)
    return tuple(
        part for each in get_args(strip_annotated(annotation)) for part in union_members_without(each, is_separate)
    )


def models_in(annotation: Any) -> tuple[Any, ...]:
    """The members of a model or a union of models, without `None`; () if another type is among them."""
    members = tuple(member for member in union_members(annotation) if strip_annotated(member) is not type(None))
    return members if all(is_model(member) for member in members) else ()


def is_union(annotation: Any) -> bool:
    """Whether it is a union: `A | B`, `Optional[A]`."""
    return type(annotation) not in _NEVER_UNIONS and get_origin(annotation) in (Union, types.UnionType)


def without_none(annotation: Any) -> Any:
    """`T` for `T | None`; other annotations are returned unchanged."""
    members = [member for member in union_members(annotation) if strip_annotated(member) is not type(None)]
    return members[0] if len(members) == 1 else annotation


@cached
def class_of(annotation: Any) -> type | None:
    """The class of an annotation, such as `list` for `list[int]`; None for unions and special forms."""
    annotation = strip_annotated(annotation)
    while hasattr(annotation, "__supertype__"):
        annotation = strip_annotated(annotation.__supertype__)
    origin = get_origin(annotation)
    found = origin if origin is not None else annotation
    return found if isinstance(found, type) and found is not types.UnionType else None


@cached
def inner_class(annotation: Any) -> type | None:
    """The class of `T` for `T` and `T | None`."""
    return class_of(without_none(annotation))


_COLLECTIONS = (list, set, frozenset, tuple, AbstractSequence, AbstractSet)


@cached
def is_collection(annotation: Any) -> bool:
    """Whether it is a list, set or tuple, or a union with one of these."""
    return any(_is_collection_class(class_of(member)) for member in union_members(annotation))


def _is_collection_class(cls: type | None) -> bool:
    return cls is not None and issubclass(cls, _COLLECTIONS) and not issubclass(cls, (str, bytes, bytearray))


def item_type(annotation: Any) -> Any:
    """The item type of a collection or stream; Any if it has no type argument."""
    for member in union_members(annotation):
        args = get_args(strip_annotated(member))
        if args:
            return args[0]
    return Any


@cached
def is_model(annotation: Any) -> bool:
    """Whether it is a pydantic model, a dataclass or a TypedDict."""
    cls = strip_annotated(annotation)
    cls = get_origin(cls) or cls
    if not isinstance(cls, type):
        return False
    return hasattr(cls, "model_fields") or dataclasses.is_dataclass(cls) or _is_typed_dict(cls)


def is_typed_dict(annotation: Any) -> bool:
    """Whether it is a TypedDict."""
    cls = strip_annotated(annotation)
    cls = get_origin(cls) or cls
    return isinstance(cls, type) and _is_typed_dict(cls)


def _is_typed_dict(cls: type) -> bool:
    # By its attributes: `typing_extensions`, which pydantic requires before Python 3.12, has another class.
    return issubclass(cls, dict) and hasattr(cls, "__total__") and hasattr(cls, "__required_keys__")


@cached
def is_scalar(annotation: Any) -> bool:
    """Whether a value is a single string in a request: numbers, strings, dates, enums, literals, unions of them."""
    return all(_is_scalar_member(member) for member in union_members(annotation))


def _is_scalar_member(annotation: Any) -> bool:
    plain = strip_annotated(annotation)
    if plain is Any or plain is type(None) or get_origin(plain) is Literal:
        return True
    cls = class_of(plain)
    if cls is None:
        return not is_model(plain)
    return not is_model(plain) and not _is_collection_class(cls) and not issubclass(cls, Mapping)


@cached
def is_json_text(annotation: Any) -> bool:
    """Whether the value is sent as JSON text: pydantic's `Json[T]`."""
    return any(has_json_marker((*metadata_of(member), strip_annotated(member))) for member in union_members(annotation))


def has_json_marker(metadata: Iterable[Any]) -> bool:
    """Whether pydantic's `Json` is among the metadata."""
    return any(getattr(each, "__name__", type(each).__name__) == "Json" for each in metadata)


_STREAMS = (AsyncGenerator, AsyncIterator, AsyncIterable, Generator, Iterator, Iterable)


def is_stream(annotation: Any) -> bool:
    """Whether it is an iterator type, such as `AsyncIterator[Row]`."""
    return class_of(annotation) in _STREAMS

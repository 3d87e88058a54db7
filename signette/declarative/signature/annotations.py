"""Questions about types: what an annotation is, what stands in it, what stands behind it."""

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

Answer = TypeVar("Answer")


def cached(ask: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
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


class UnresolvedName(Exception):
    """An annotation names something that does not exist yet. Its text is the name."""


def resolve_alias(annotation: Any) -> Any:
    """What a PEP 695 alias stands for, also one that was given types: `Pair[int]`."""
    while True:
        if is_alias(annotation):
            variables = {each: _fallback(each) for each in getattr(annotation, "__type_params__", ())}
            annotation = substituted(_value_of(annotation), variables)
            continue
        alias: Any = get_origin(annotation)
        if not is_alias(alias):
            return annotation
        given = dict(zip(alias.__type_params__, get_args(annotation), strict=False))
        variables = {each: given.get(each, _fallback(each)) for each in alias.__type_params__}
        annotation = substituted(_value_of(alias), variables)


def is_alias(annotation: Any) -> bool:
    return type(annotation).__name__ == "TypeAliasType"


def alias_of(annotation: Any) -> Any:
    """The PEP 695 alias that an annotation is, with types or without; None where it is none."""
    if is_alias(annotation):
        return annotation
    origin = get_origin(annotation)
    return origin if is_alias(origin) else None


@functools.lru_cache(maxsize=1024)
def _value_of(alias: Any) -> Any:
    """An alias's value, its forward references resolved in the module that has the alias.

    Raises UnresolvedName where a name in it does not exist (yet).
    """
    names = {**vars(sys.modules.get(alias.__module__ or "", typing)), alias.__name__: alias}
    try:
        holder = types.SimpleNamespace(__annotations__={"value": alias.__value__})
        return get_type_hints(holder, names, include_extras=True)["value"]
    except NameError as exc:
        raise UnresolvedName(exc.name or str(exc)) from None


def _fallback(variable: Any) -> Any:
    """What pydantic takes for a type variable that was given no type: its default, its bound, or anything."""
    default = getattr(variable, "__default__", None)
    if default is not None and type(default).__name__ not in ("NoDefaultType", "NoDefault"):
        return default
    return getattr(variable, "__bound__", None) or Any


def substituted(annotation: Any, variables: Mapping[Any, Any]) -> Any:
    """The annotation with type variables replaced by what they stand for."""
    if not variables:
        return annotation
    if isinstance(annotation, TypeVar):
        return variables.get(annotation, annotation)
    names = getattr(annotation, "__parameters__", ())
    return annotation[tuple(variables.get(name, name) for name in names)] if names else annotation


@functools.lru_cache(maxsize=1024)
def is_recursive(alias: Any) -> bool:
    """Whether an alias stands for something that contains the alias itself: a JSON value, a tree."""
    return _leads_to(_value_of(alias), alias, frozenset())


def _leads_to(annotation: Any, wanted: Any, passed: frozenset[Any]) -> bool:
    alias = alias_of(annotation)
    if alias is wanted:
        return True
    if alias is not None:
        if alias in passed:
            return False
        passed |= {alias}
        if _leads_to(_value_of(alias), wanted, passed):
            return True
    if get_origin(annotation) is Literal:
        return False
    return any(_leads_to(each, wanted, passed) for each in get_args(annotation))


def strip_annotated(annotation: Any) -> Any:
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


def annotated(annotation: Any, metadata: tuple[Any, ...]) -> Any:
    """The annotation with this behind it in `Annotated[...]`, if there is anything."""
    return Annotated[(annotation, *metadata)] if metadata else annotation


def union_members(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, nested ones too; a type that is no union is its own only member."""
    annotation_ = strip_annotated(annotation)
    if is_union(annotation_):
        return tuple(member for each in get_args(annotation_) for member in union_members(each))
    return (annotation,)


def union_members_without(annotation: Any, apart: Callable[[Any], bool]) -> tuple[Any, ...]:
    """The members of a union, of which those that are `apart` stand alone; what holds none of these stays whole."""
    members = union_members(annotation)
    if len(members) == 1 or not any(map(apart, members)):
        return (annotation,)
    return tuple(part for each in get_args(strip_annotated(annotation)) for part in union_members_without(each, apart))


def models_in(annotation: Any) -> tuple[Any, ...]:
    """The models of a union of nothing else, `None` left out; of a model itself, that one. Empty for all else."""
    members = tuple(member for member in union_members(annotation) if strip_annotated(member) is not type(None))
    return members if all(is_model(member) for member in members) else ()


def is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType)


def without_none(annotation: Any) -> Any:
    """`T` for `T | None`, anything else as it is."""
    members = [member for member in union_members(annotation) if strip_annotated(member) is not type(None)]
    return members[0] if len(members) == 1 else annotation


@cached
def class_of(annotation: Any) -> type | None:
    """The class behind an annotation: `list` for `list[int]`. None where there is none."""
    annotation = strip_annotated(annotation)
    while hasattr(annotation, "__supertype__"):
        annotation = strip_annotated(annotation.__supertype__)
    origin = get_origin(annotation)
    found = origin if origin is not None else annotation
    return found if isinstance(found, type) and found is not types.UnionType else None


@cached
def inner_class(annotation: Any) -> type | None:
    """The class behind an annotation, `None` beside it left out."""
    return class_of(without_none(annotation))


_COLLECTIONS = (list, set, frozenset, tuple, AbstractSequence, AbstractSet)


@cached
def is_collection(annotation: Any) -> bool:
    """Whether it takes several values: a list, set or tuple, also beside `None`."""
    return any(_is_collection_class(class_of(member)) for member in union_members(annotation))


def _is_collection_class(cls: type | None) -> bool:
    return cls is not None and issubclass(cls, _COLLECTIONS) and not issubclass(cls, (str, bytes, bytearray))


def item_type(annotation: Any) -> Any:
    """The type of the items of a collection or stream, Any where it is not said."""
    for member in union_members(annotation):
        args = get_args(strip_annotated(member))
        if args:
            return args[0]
    return Any


@cached
def is_model(annotation: Any) -> bool:
    """Whether it has fields: a pydantic model, a dataclass or a TypedDict."""
    cls = strip_annotated(annotation)
    cls = get_origin(cls) or cls
    if not isinstance(cls, type):
        return False
    return hasattr(cls, "model_fields") or dataclasses.is_dataclass(cls) or _is_typed_dict(cls)


def _is_typed_dict(cls: type) -> bool:
    # By its shape: that of `typing_extensions` is another class, which pydantic asks for before Python 3.12.
    return issubclass(cls, dict) and hasattr(cls, "__total__") and hasattr(cls, "__required_keys__")


@cached
def is_scalar(annotation: Any) -> bool:
    """Whether it stands in one piece of text: numbers, strings, dates, enums, literals, and unions of them."""
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
    """Whether one text holds a JSON value: pydantic's `Json[T]`."""
    return any(says_json((*metadata_of(member), strip_annotated(member))) for member in union_members(annotation))


def says_json(metadata: Iterable[Any]) -> bool:
    """Whether pydantic's `Json` is among these, known by its shape."""
    return any(getattr(each, "__name__", type(each).__name__) == "Json" for each in metadata)


_STREAMS = (AsyncGenerator, AsyncIterator, AsyncIterable, Generator, Iterator, Iterable)


def is_stream(annotation: Any) -> bool:
    """Whether it is an iterator that is consumed once, and no collection: `AsyncIterator[Row]`."""
    return class_of(annotation) in _STREAMS

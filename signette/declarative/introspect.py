"""Questions about types: what an annotation is, what stands in it, what stands behind it."""

import dataclasses
import functools
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
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from signette.declarative.depends import Dependency
from signette.declarative.markers import Marker

Answer = TypeVar("Answer")


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

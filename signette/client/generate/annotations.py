"""Annotations as source."""

import dataclasses
import enum
import types
import typing
from typing import Annotated, Any, ForwardRef, Literal, NewType, TypeVar, get_args, get_origin

from pydantic import BaseModel

from signette.client.generate.errors import NotSource
from signette.client.generate.metadata import field_source
from signette.client.generate.scope import Scope, importable
from signette.client.generate.values import value_source
from signette.declarative.signature.annotations import is_alias, is_typed_dict, is_union
from signette.problems import Problem

__all__ = ["annotation_source", "is_definable"]

SPECIAL = {Any: "Any", typing.Self: "Self", typing.Never: "Never", typing.NoReturn: "NoReturn"}
# What decides how JSON is read. Other arguments of `Field` are documentation, or limits that the application checks.
WIRE_OPTIONS = frozenset({"discriminator", "union_mode", "strict"})
QUALIFIERS = frozenset({"Required", "NotRequired", "ClassVar", "Final"})


def annotation_source(annotation: Any, scope: Scope) -> str:
    """An annotation as an expression.

    Raises:
        NotSource: the annotation has a type that the module can neither import nor define.
    """
    if annotation is None or annotation is types.NoneType:
        return "None"
    if annotation is Ellipsis:
        return "..."
    if isinstance(annotation, str | ForwardRef):
        raise NotSource(f"the unresolved name `{getattr(annotation, '__forward_arg__', annotation)}`")
    if isinstance(annotation, TypeVar | NewType) or is_alias(annotation):
        return scope.defined(annotation)
    if isinstance(annotation, list):  # of `Callable[[int], str]`
        return f"[{', '.join(annotation_source(each, scope) for each in annotation)}]"
    origin = get_origin(annotation)
    if origin is Annotated:
        return _annotated_source(annotation, scope)
    if is_union(annotation):
        return " | ".join(annotation_source(each, scope) for each in get_args(annotation))
    if origin is Literal:
        choices = ", ".join(value_source(each, scope) for each in get_args(annotation))
        return f"{scope.imported('typing', 'Literal')}[{choices}]"
    if origin is not None:
        return _generic_source(annotation, origin, scope)
    return _class_source(annotation, scope)


def _annotated_source(annotation: Any, scope: Scope) -> str:
    inner, *metadata = get_args(annotation)
    if scope.detail == "none":
        return annotation_source(inner, scope)
    found = field_source(metadata, scope)
    if scope.detail == "wire":
        found.options = {name: text for name, text in found.options.items() if name in WIRE_OPTIONS}
    return found.applied_to(annotation_source(inner, scope), scope)


def _generic_source(annotation: Any, origin: Any, scope: Scope) -> str:
    args = [annotation_source(each, scope) for each in get_args(annotation)]
    if is_alias(origin):
        name = scope.defined(origin)
    elif (special := getattr(origin, "_name", None) or getattr(origin, "__name__", "")) in QUALIFIERS:
        name = scope.imported("typing", special)
    else:
        name = _class_source(origin, scope)
    if origin is tuple and not args:
        args = ["()"]
    return f"{name}[{', '.join(args)}]" if args else name


def _class_source(cls: Any, scope: Scope) -> str:
    if _is_hashable(cls) and cls in SPECIAL:
        return scope.imported("typing", SPECIAL[cls])
    if isinstance(cls, type) and issubclass(cls, BaseModel):
        generic = cls.__pydantic_generic_metadata__
        if generic["origin"] is not None:
            args = ", ".join(annotation_source(each, scope) for each in generic["args"])
            return f"{_class_source(generic['origin'], scope)}[{args}]"
    home = importable(cls)
    if home is not None:
        return scope.builtin(home[1]) if home[0] == "builtins" else scope.imported(*home)
    if isinstance(cls, type) and is_definable(cls):
        return scope.defined(cls)
    raise NotSource(f"the type `{getattr(cls, '__name__', cls)}`")


def is_definable(cls: type) -> bool:
    """Whether the source of the class can be written from what pydantic knows of it."""
    return (
        issubclass(cls, BaseModel | enum.Enum | Problem)
        or dataclasses.is_dataclass(cls)
        or is_typed_dict(cls)
        or (issubclass(cls, tuple) and hasattr(cls, "_fields"))
    )


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True

"""One record for each annotation: its type, its parts, and an account of every object in its metadata.

Theory of operation. `Annotated[T, ...]` may hold any object, at any depth: beside the type, beside the members of a
union, the items of a list, the values of a dictionary. Each of these objects speaks to exactly one *reader*: to the
source of the value (`Query()`), to a dependency (`Depends(f)`), to pydantic (`Field(ge=1)`, validators, serializers),
to the OpenAPI document (`Doc("...")`), or to the declared errors (`Raises(...)`). An object that none of them reads
would be ignored silently, so the planner rejects it (`account_checks`).

A record is made once, when the signature is read, and is carried by the `Parameter`. Its parts are made when they are
first asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal, get_args, get_origin

from signette.declarative.fields.base import FieldInfo, FieldMark, is_pydantics
from signette.declarative.signature.annotations import alias_of, class_of, is_union, metadata_of, strip_annotated
from signette.declarative.signature.depends import Dependency
from signette.declarative.signature.markers import Marker
from signette.declarative.signature.other_frameworks import Foreign, foreign_type
from signette.declarative.signature.outcomes import Raises


class Reader(Enum):
    """Who reads an object that stands in an annotation's metadata."""

    SOURCE = "source"
    DEPENDENCY = "dependency"
    PYDANTIC = "pydantic"
    DOCUMENT = "OpenAPI document"
    ERRORS = "declared errors"


@dataclass(frozen=True, slots=True)
class Claim:
    """One object of the metadata, who reads it, and the record that it belongs to."""

    said: Any
    reader: Reader | None
    """None: nobody does."""
    info: "TypeInfo"
    nested: bool
    """It stands inside of the type: beside an item, a value, or one of several members."""


@dataclass(frozen=True, eq=False)
class TypeInfo:
    """What an annotation says. Made by `type_info`."""

    annotation: Any
    """As it was written."""

    @cached_property
    def strip_annotated(self) -> Any:
        """The type alone: aliases followed, metadata left out."""
        return strip_annotated(self.annotation)

    @cached_property
    def cls(self) -> type | None:
        """The class, `list` for `list[int]`; None for a union and for what is no class."""
        return class_of(self.annotation)

    @cached_property
    def metadata(self) -> tuple[Any, ...]:
        """What stands beside the type, outermost last, with the markers of a model's field as they were written."""
        return tuple(each.marker if isinstance(each, FieldMark) else each for each in metadata_of(self.annotation))

    @cached_property
    def parts(self) -> "tuple[TypeInfo, ...]":
        """The members of a union, the items of a list, the keys and values of a dictionary."""
        if get_origin(self.strip_annotated) is Literal:
            return ()
        return tuple(
            type_info(each) for each in get_args(self.strip_annotated) if not isinstance(each, list) and each is not ...
        )

    @cached_property
    def only_member(self) -> "TypeInfo | None":
        """`T` for `T | None`; None where there are several members, or it is no union."""
        members = (
            [each for each in self.parts if each.strip_annotated is not type(None)]
            if is_union(self.strip_annotated)
            else []
        )
        return members[0] if len(members) == 1 else None

    def walk(self, passed: frozenset[Any] = frozenset()) -> "Iterator[TypeInfo]":
        """This record and those of its parts, at every depth. A recursive alias is entered once."""
        alias = alias_of(self.annotation)
        if alias is not None:
            if alias in passed:
                return
            passed |= {alias}
        yield self
        for part in self.parts:
            yield from part.walk(passed)

    @cached_property
    def foreign(self) -> Foreign | None:
        """The first class in it that another framework would inject."""
        return next((found for part in self.walk() if (found := foreign_type(part.cls)) is not None), None)

    @cached_property
    def account(self) -> tuple[Claim, ...]:
        """Each object of the metadata, at every depth, with its reader."""
        outer = [self]
        while (member := outer[-1].only_member) is not None:
            outer.append(member)
        return tuple(
            Claim(said, reader_of(said), info, nested=not any(info is each for each in outer))
            for info in self.walk()
            for said in info.metadata
        )


def type_info(annotation: Any) -> TypeInfo:
    """The record of an annotation, the same one for equal annotations: many routes share a type."""
    try:
        return _kept(annotation)
    except TypeError:  # metadata that cannot be hashed
        return TypeInfo(annotation)


@lru_cache(maxsize=4096)
def _kept(annotation: Any) -> TypeInfo:
    return TypeInfo(annotation)


def reader_of(said: Any) -> Reader | None:
    """Who reads an object of the metadata."""
    if isinstance(said, Marker):
        return Reader.SOURCE
    if isinstance(said, Dependency):
        return Reader.DEPENDENCY
    if isinstance(said, Raises):
        return Reader.ERRORS
    if documentation_of(said) is not None:
        return Reader.DOCUMENT
    return Reader.PYDANTIC if is_pydantics(said) else None


def documentation_of(said: Any) -> str | None:
    """The text of a `Doc("...")` (PEP 727), known by its shape; None where it is none."""
    text = None if isinstance(said, type | FieldInfo) else getattr(said, "documentation", None)
    return text if isinstance(text, str) else None


def annotated(annotation: Any, metadata: list[Any]) -> Any:
    """The annotation with metadata beside it."""
    return Annotated[(annotation, *metadata)] if metadata else annotation

"""One record for each annotation: its type, its parts, and the reader of each object in its metadata.

Theory of operation. `Annotated[T, ...]` may contain any object, at any depth: on the type itself, on the members of a
union, the items of a list, the values of a dictionary. Each object has exactly one *reader*: the source of the value
(`Query()`), a dependency (`Depends(f)`), pydantic (`Field(ge=1)`, validators, serializers), the OpenAPI document
(`Doc("...")`), or the declared errors (`Raises(...)`). An object without a reader would have no effect, so it is an
error (`checks/metadata.py`).

A record is made once, when the signature is read, and is part of the `Parameter`. Its attributes are computed on first
use.
"""

from collections.abc import Iterator
from enum import Enum
from functools import cached_property, lru_cache
from typing import Any, Literal, get_args, get_origin

from signette._dataclasses import dataclass
from signette.conditional import Required
from signette.declarative.fields.base import FieldInfo, FieldMark, is_pydantics
from signette.declarative.signature import annotations, uploads
from signette.declarative.signature.annotations import alias_of, class_of, is_union, metadata_of, strip_annotated
from signette.declarative.signature.depends import Dependency
from signette.declarative.signature.event_streams import EventName, EventStream
from signette.declarative.signature.items import Items
from signette.declarative.signature.markers import Marker
from signette.declarative.signature.other_frameworks import Foreign, foreign_type
from signette.declarative.signature.outcomes import Raises
from signette.declarative.signature.pages import PageLimit
from signette.declarative.signature.socket_options import SocketOptions
from signette.declarative.signature.topics import Topic
from signette.forms.sinks import To
from signette.state.store import Purpose


class Reader(Enum):
    """The reader of an object in an annotation's metadata."""

    SOURCE = "source"
    DEPENDENCY = "dependency"
    PYDANTIC = "pydantic"
    DOCUMENT = "OpenAPI document"
    ERRORS = "declared errors"
    CHANNEL = "channel"
    SOCKET = "socket"
    STATE = "state"
    EVENTS = "events"
    PRECONDITIONS = "preconditions"
    PAGE = "page"
    STREAM = "stream"
    SINK = "sink"


@dataclass(frozen=True, slots=True)
class Claim:
    """One object of the metadata, its reader, and the record of the annotation that contains it."""

    metadata: Any
    reader: Reader | None
    """None: the object has no effect."""
    info: "TypeInfo"
    nested: bool
    """Whether it is inside the type: on an item, a value, or one of several members."""


@dataclass(frozen=True, eq=False)
class TypeInfo:
    """What an annotation means. Made by `type_info`."""

    annotation: Any

    @cached_property
    def plain(self) -> Any:
        """The type without metadata, with aliases resolved."""
        return strip_annotated(self.annotation)

    @cached_property
    def cls(self) -> type | None:
        """The class, such as `list` for `list[int]`; None for unions and special forms."""
        return class_of(self.annotation)

    @cached_property
    def inner_cls(self) -> type | None:
        """The class of `T` for `T` and `T | None`."""
        return annotations.inner_class(self.annotation)

    @cached_property
    def is_model(self) -> bool:
        """Whether it is a pydantic model, a dataclass or a TypedDict."""
        return annotations.is_model(self.annotation)

    @cached_property
    def is_scalar(self) -> bool:
        """Whether a value is a single string in a request."""
        return annotations.is_scalar(self.annotation)

    @cached_property
    def is_collection(self) -> bool:
        """Whether it is a list, set or tuple, or a union with one of these."""
        return annotations.is_collection(self.annotation)

    @cached_property
    def is_json_text(self) -> bool:
        """Whether the value is sent as JSON text: pydantic's `Json[T]`."""
        return annotations.is_json_text(self.annotation)

    @cached_property
    def is_upload(self) -> bool:
        """Whether it is `UploadFile` or `Upload`, a list of one, or a union with one of these."""
        return uploads.is_upload(self.annotation)

    @cached_property
    def is_stored_upload(self) -> bool:
        """Whether it is `Upload`, a list of it, or a union with one of these."""
        return uploads.is_stored_upload(self.annotation)

    @cached_property
    def sinks(self) -> tuple[To, ...]:
        """The sinks in its metadata, at every depth."""
        return tuple(each.metadata for each in self.claims if each.reader is Reader.SINK)

    @cached_property
    def metadata(self) -> tuple[Any, ...]:
        """The metadata of the type itself, in order. Fields of models have the marker that declares them."""
        return tuple(each.marker if isinstance(each, FieldMark) else each for each in metadata_of(self.annotation))

    @cached_property
    def parts(self) -> "tuple[TypeInfo, ...]":
        """The members of a union, the items of a list, the keys and values of a dictionary."""
        if get_origin(self.plain) is Literal:
            return ()
        return tuple(type_info(each) for each in get_args(self.plain) if not isinstance(each, list) and each is not ...)

    @cached_property
    def only_member(self) -> "TypeInfo | None":
        """`T` for `T | None`; None for other annotations."""
        members = [each for each in self.parts if each.plain is not type(None)] if is_union(self.plain) else []
        return members[0] if len(members) == 1 else None

    def walk(self, seen: frozenset[Any] = frozenset()) -> "Iterator[TypeInfo]":
        """This record and those of its parts, at every depth. The value of a recursive alias is visited once."""
        alias = alias_of(self.annotation)
        if alias is not None:
            if alias in seen:
                return
            seen |= {alias}
        yield self
        for part in self.parts:
            yield from part.walk(seen)

    @cached_property
    def foreign(self) -> Foreign | None:
        """The first class of another framework in it."""
        return next((found for part in self.walk() if (found := foreign_type(part.cls)) is not None), None)

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """Each object of the metadata, at every depth, with its reader."""
        outer = [self]
        while (member := outer[-1].only_member) is not None:
            outer.append(member)
        return tuple(
            Claim(metadata, reader_of(metadata), info, nested=not any(info is each for each in outer))
            for info in self.walk()
            for metadata in info.metadata
        )


def type_info(annotation: Any) -> TypeInfo:
    """The record of an annotation. Equal annotations share one, because many routes use the same type."""
    try:
        return _cached_type_info(annotation)
    except TypeError:  # metadata that cannot be hashed
        return TypeInfo(annotation)


@lru_cache(maxsize=4096)
def _cached_type_info(annotation: Any) -> TypeInfo:
    return TypeInfo(annotation)


# The classes of the objects that signette reads.
_READERS: tuple[tuple[Any, Reader], ...] = (
    (Marker, Reader.SOURCE),
    (Dependency, Reader.DEPENDENCY),
    (Raises, Reader.ERRORS),
    (Topic, Reader.CHANNEL),
    (Items, Reader.STREAM),
    (SocketOptions, Reader.SOCKET),
    (Purpose, Reader.STATE),
    (EventStream | EventName, Reader.EVENTS),
    (Required, Reader.PRECONDITIONS),
    (PageLimit, Reader.PAGE),
    (To, Reader.SINK),
)


OPTIONS: tuple[type, ...] = (Raises, Topic, Items, SocketOptions, Purpose, PageLimit, To)
"""The classes whose instances are options of a parameter. They all have arguments."""


def reader_of(metadata: Any) -> Reader | None:
    """The reader of an object of the metadata."""
    for cls, reader in _READERS:
        if isinstance(metadata, cls):
            return reader
    if documentation_of(metadata) is not None:
        return Reader.DOCUMENT
    return Reader.PYDANTIC if is_pydantics(metadata) else None


def documentation_of(metadata: Any) -> str | None:
    """The text of a `Doc("...")` (PEP 727), detected by its attribute; None for other objects."""
    text = None if isinstance(metadata, type | FieldInfo) else getattr(metadata, "documentation", None)
    return text if isinstance(text, str) else None

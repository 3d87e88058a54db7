"""Results with validators: `-> Tagged[User]`, `return Tagged(user, etag=user.version)`."""

from collections.abc import Sequence
from dataclasses import KW_ONLY
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Generic, TypeVar, get_args

from signette._dataclasses import dataclass
from signette._http.conditional import Version
from signette.declarative.signature.annotations import (
    annotated,
    class_of,
    metadata_of,
    strip_annotated,
    union_members,
    union_members_without,
)
from signette.declarative.signature.markers import MISSING

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Tagged(Generic[T_co]):
    """A result with its version: the response has `ETag` and `Last-Modified`, and is a 304 if the client has it.

    The content is sent as it would be without `Tagged`. It may be an outcome: `Tagged(Created(user), etag=1)`.

    Attributes:
        content: The result.
        etag: The version: a text, a number, or an entity tag. Other text, and bytes, become a digest.
        last_modified: When the content was changed, with a time zone. It is sent with whole seconds, and never later
            than now.
        weak: The entity tag is weak: contents with it are equivalent, and need not be equal.
    """

    content: T_co
    _: KW_ONLY
    etag: Version | None = None
    last_modified: datetime | None = None
    weak: bool = False


def is_tagged(annotation: Any) -> bool:
    """Whether an annotation is `Tagged` or `Tagged[...]`."""
    return class_of(annotation) is Tagged


def tagged_content(annotation: Any) -> Any:
    """`User` for `Tagged[User]`."""
    args = get_args(strip_annotated(annotation))
    return annotated(args[0] if args and not isinstance(args[0], TypeVar) else Any, metadata_of(annotation))


def without_tags(annotation: Any) -> tuple[Any, Sequence[Any], bool]:
    """The annotation of a result without `Tagged`; the types that are tagged; whether all of them are."""
    if annotation is MISSING or not any(map(is_tagged, union_members(annotation))):
        return annotation, (), False
    parts = union_members_without(annotation, is_tagged)
    tagged = [tagged_content(part) for part in parts if is_tagged(part)]
    others = [part for part in parts if not is_tagged(part)]
    members = [type(None) if each is None else each for each in (*tagged, *others)]
    metadata = metadata_of(annotation) if len(parts) > 1 else ()
    return annotated(reduce(or_, members), metadata), tagged, not others

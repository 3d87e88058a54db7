"""The problems that annotations declare: members of a result's union, and `Raises(...)`."""

from collections.abc import AsyncIterator
from functools import reduce
from operator import or_
from typing import Any

from signette.declarative.signature.annotations import (
    annotated,
    class_of,
    is_stream,
    item_type,
    metadata_of,
    strip_annotated,
    union_members,
    union_members_without,
)
from signette.declarative.signature.event_streams import event_stream_of
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.outcomes import Raises
from signette.problems import Problem


def declared_problems(annotation: Any) -> list[Any]:
    """The problems that an annotation names in `Raises(...)`."""
    if annotation is MISSING:
        return []
    named = [problem for part in (annotation, *union_members(annotation)) for each in metadata_of(part)
             if isinstance(each, Raises) for problem in each.problems]  # fmt: skip
    return list(dict.fromkeys(named))


def without_raises(annotation: Any) -> Any:
    """The annotation without `Raises(...)`, which pydantic does not know."""
    metadata = metadata_of(annotation) if annotation is not MISSING else ()
    if not any(isinstance(each, Raises) for each in metadata):
        return annotation
    return annotated(strip_annotated(annotation), tuple(each for each in metadata if not isinstance(each, Raises)))


def without_problems(annotation: Any) -> tuple[Any, list[Any]]:
    """The annotation of a result without the problems among its members, and these."""
    if annotation is MISSING:
        return annotation, []
    members = union_members_without(annotation, _is_problem)
    problems = [strip_annotated(member) for member in members if _is_problem(member)]
    if not problems:
        return annotation, []
    values = [member for member in members if not _is_problem(member)]
    return (annotated(reduce(or_, values), metadata_of(annotation)) if values else None), problems


def without_event_problems(annotation: Any) -> tuple[Any, list[Any]]:
    """The type of a stream of typed events without the problems among its events, and these."""
    if annotation is MISSING or event_stream_of(annotation) is None or not is_stream(annotation):
        return annotation, []
    item, problems = without_problems(item_type(annotation))
    if not problems:
        return annotation, []
    return annotated(AsyncIterator[item], metadata_of(annotation)), problems  # type: ignore[valid-type]  # a type at runtime


def _is_problem(annotation: Any) -> bool:
    cls = class_of(annotation)
    return cls is not None and cls is not Any and issubclass(cls, Problem)

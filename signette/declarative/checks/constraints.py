"""Reject constraints that do not apply to their type, at every depth of a type and in the fields of models."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, get_origin

from signette.datastructures.upload import Upload, UploadFile
from signette.declarative.adapters.constraints import constraints_of, is_misapplied
from signette.declarative.checks.models import fields_of
from signette.declarative.errors import values as value_errors
from signette.declarative.signature.annotations import is_collection, is_model, strip_annotated, union_members
from signette.declarative.signature.markers import Marker
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.signature.type_info import TypeInfo, type_info

_MEASURED = (int, float, Decimal, date, time, timedelta)
_RANGES = (("ge", "le"), ("gt", "le"), ("ge", "lt"), ("gt", "lt"), ("min_length", "max_length"))
Misfit = tuple[str, Any, str, str]
"""Field name ("" for the parameter itself), annotation, constraint, and hint."""


def check_constraints(parameter: Parameter, location: SourceLocation) -> None:
    """Reject constraints that do not apply to their type, and empty ranges."""
    marker = (parameter.marker,) if isinstance(parameter.marker, Marker) and parameter.marker.field_options else ()
    annotation = parameter.annotation
    if type(annotation) is type and not marker and not parameter.type.is_model:  # PERF: most annotations
        return
    try:
        misfits = _cached_misfits(annotation, marker)
    except TypeError:  # metadata that cannot be hashed
        misfits = _all_misfits(annotation, marker)
    for field, of, option, hint in misfits:
        named = field or parameter.name
        if " and " in option:
            raise value_errors.empty_range(location, named, *option.split(" and "))
        raise value_errors.inapplicable_constraint(location, named, of, option, hint)


# PERF: many routes share a type and its marker.
@lru_cache(maxsize=4096)
def _cached_misfits(annotation: Any, marker: tuple[Marker, ...]) -> tuple[Misfit, ...]:
    return _all_misfits(annotation, marker)


def _all_misfits(annotation: Any, marker: tuple[Marker, ...]) -> tuple[Misfit, ...]:
    info, found = type_info(annotation), list[Misfit]()
    for part in info.walk():
        found += _misfits(part, marker if part is info else ())
        if part.cls is not None and is_model(part.cls):
            found += _in_model(part.cls)
    return tuple(found)


def _misfits(info: TypeInfo, metadata: tuple[Any, ...] = (), field: str = "") -> Iterator[Misfit]:
    found = list(constraints_of([*info.metadata, *metadata]))
    if not found:
        return
    if any(getattr(each, "__name__", type(each).__name__) == "Json" for each in (*info.metadata, *metadata)):
        return  # they apply to the decoded value
    members = [each for each in union_members(info.annotation) if strip_annotated(each) is not type(None)]
    for option, value in found:
        for member in members:
            plain = strip_annotated(member)
            cls = plain if get_origin(plain) is Literal else type_info(member).cls or plain
            if _is_unmeasured(cls) or is_misapplied(cls, option, value):
                yield field, info.annotation, option, _hint(option, cls, in_union=len(members) > 1)
    values = dict(found)
    for low, high in _RANGES:
        if low in values and high in values and _is_above(values[low], values[high]):
            yield field, info.annotation, f"{low}={values[low]!r} and {high}={values[high]!r}", ""


def _is_unmeasured(cls: Any) -> bool:
    """Whether no constraint applies: to models (a TypedDict has a length) and files."""
    return isinstance(cls, type) and (
        (is_model(cls) and not issubclass(cls, dict)) or issubclass(cls, UploadFile | Upload)
    )


def _hint(option: str, cls: Any, *, in_union: bool) -> str:
    if in_union:
        return f"apply it to one member: `Annotated[T, Field({option}=...)] | ...`"
    if is_collection(cls):
        return f"apply it to the items: `list[Annotated[T, Field({option}=...)]]`"
    if isinstance(cls, type) and issubclass(cls, str | bytes):
        return "use `min_length=` and `max_length=`"
    if isinstance(cls, type) and issubclass(cls, _MEASURED):
        return "use `ge=` and `le=`"
    return "remove it"


def _is_above(low: Any, high: Any) -> bool:
    try:
        return bool(low > high)
    except TypeError:
        return False


@lru_cache(maxsize=4096)
def _in_model(model: Any) -> tuple[Misfit, ...]:
    """The misfits in the fields of a model, and of the models in its fields."""
    seen, waiting, found = {model}, [model], list[Misfit]()
    while waiting:
        cls = waiting.pop()
        for name, annotation, metadata, _ in fields_of(cls):
            info = type_info(annotation)
            for part in info.walk():
                found += _misfits(part, metadata if part is info else (), f"{cls.__name__}.{name}")
                if part.cls is not None and is_model(part.cls) and part.cls not in seen:
                    seen.add(part.cls)
                    waiting.append(part.cls)
    return tuple(found)

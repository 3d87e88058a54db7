"""Constraints that cannot be applied to their type.

pydantic accepts `Annotated[str, Ge(1)]` and raises a TypeError for the first value: a client would get a 500. So each
constraint is tried on a sample of its type when the route is made.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any, Literal, get_args, get_origin
from uuid import UUID

from pydantic import PydanticUserError, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import SchemaError

from signette.declarative.fields.base import FieldMark

__all__ = ["OPTIONS", "constraints_of", "is_misapplied"]

OPTIONS = (
    "gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "max_digits", "decimal_places",
    "allow_inf_nan", "coerce_numbers_to_str", "strip_whitespace", "to_upper", "to_lower",
)  # fmt: skip

_SAMPLES: Mapping[type, tuple[Any, ...]] = {
    bool: (True,), int: (1,), float: (1.0,), Decimal: (Decimal(1),), str: ("a",), bytes: (b"a",), bytearray: (b"a",),
    datetime: (datetime(2020, 1, 1, tzinfo=UTC),), date: (date(2020, 1, 1),), time: (time(1),),
    timedelta: (timedelta(1),), UUID: (UUID(int=1),), list: ([],), set: (set(),), frozenset: (frozenset(),),
    tuple: ((),), dict: ({},),
}  # fmt: skip
_ANY = ("a", 1)


def constraints_of(metadata: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """The constraints in the metadata of a type, as (option, value): `("ge", 1)`."""
    for item in metadata:
        if isinstance(item, FieldInfo):
            yield from constraints_of([each for each in item.metadata if not isinstance(each, FieldMark)])
        elif getattr(item, "__is_annotated_types_grouped_metadata__", False) and not isinstance(item, type):
            yield from constraints_of(list(item))
        elif not hasattr(item, "func") and not isinstance(item, type):
            for option in OPTIONS:
                value = getattr(item, option, None)
                if value is not None and not callable(value):
                    yield option, value


def is_misapplied(cls: Any, option: str, value: Any) -> bool:
    """Whether a constraint cannot be applied to values of a type: a class, a `Literal`, or `Any`."""
    try:
        return _cached_fails(cls, option, value)
    except TypeError:  # a value that cannot be hashed
        return _fails(cls, option, value)


@lru_cache(maxsize=4096)
def _cached_fails(cls: Any, option: str, value: Any) -> bool:
    return _fails(cls, option, value)


def _fails(cls: Any, option: str, value: Any) -> bool:
    constraint = FieldInfo(**{option: value})
    for sample in _samples_of(cls):
        try:
            TypeAdapter(Annotated[cls, constraint]).validate_python(sample)
        except (ValidationError, PydanticUserError, SchemaError):
            continue  # the sample is invalid, or the type has no schema, which another check reports
        except TypeError:
            return True
    return False


def _samples_of(cls: Any) -> tuple[Any, ...]:
    if cls in (Any, object):
        return _ANY
    if get_origin(cls) is Literal:
        return get_args(cls)[:1]
    if not isinstance(cls, type):
        return ()
    if issubclass(cls, Enum):
        return tuple(cls)[:1]
    for known, samples in _SAMPLES.items():
        if cls is known:
            return samples
    for abstract, samples in ((Mapping, ({},)), (AbstractSet, (set(),)), (Sequence, ([],))):
        if cls is abstract:
            return samples
    return ()

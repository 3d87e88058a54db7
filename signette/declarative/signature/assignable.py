"""Whether values of one type can be assigned to another."""

from typing import Any

from signette.declarative.signature.annotations import class_of, is_stream, item_type, strip_annotated, union_members
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import Kind

# The numeric tower of PEP 484, and its bytes.
_NUMBERS = {float: (int,), complex: (int, float), bytes: (bytearray, memoryview)}


def yielded_type(result: Any, kind: Kind) -> Any:
    """The type of a dependency's value: what a generator yields, or the return type; Any if it is not annotated."""
    if result is MISSING:
        return Any
    if kind not in (Kind.SYNC_GENERATOR, Kind.ASYNC_GENERATOR):
        return result
    return item_type(result) if is_stream(result) else Any


def is_assignable(given: Any, wanted: Any) -> bool:
    """Whether some value of the type `given` may be a `wanted`. False only if that is impossible."""
    return any(_may_be(one, other) for one in union_members(given) for other in union_members(wanted))


def _may_be(given: Any, wanted: Any) -> bool:
    one, other = (type(None) if strip_annotated(each) is None else class_of(each) for each in (given, wanted))
    if one is None or other is None or object in (one, other) or Any in (one, other):
        return True
    if any(getattr(each, "_is_protocol", False) or hasattr(each, "__total__") for each in (one, other)):
        return True
    if one in _NUMBERS.get(other, ()):
        return True
    try:
        return issubclass(one, other) or issubclass(other, one)
    except TypeError:  # a custom `__subclasscheck__`
        return True

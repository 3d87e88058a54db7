"""Defaults of parameters: shared by all requests, or copied for each one.

A default is shared only if it is immutable. Others are copied, so that a request never sees the changes of another.
"""

import copy
import functools
import re
from collections.abc import Callable
from datetime import date, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from pathlib import PurePath
from types import BuiltinFunctionType, EllipsisType, FunctionType, NotImplementedType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo


class Absent:
    """The type of `ABSENT`: the class that is called creates the default with its own factory."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<factory>"

    def __reduce__(self) -> str:
        return "ABSENT"  # unpickled as the same object


ABSENT = Absent()

# Instances of exactly these classes are immutable; a subclass may add attributes.
_IMMUTABLE = frozenset(
    {
        str, bytes, int, float, complex, bool, type(None), object, range, Decimal, Fraction, UUID, timedelta, timezone,
        ZoneInfo, re.Pattern, FunctionType, BuiltinFunctionType, EllipsisType, NotImplementedType, IPv4Address,
        IPv6Address, IPv4Network, IPv6Network, IPv4Interface, IPv6Interface,
    }
)  # fmt: skip
# Instances of these classes and their subclasses are immutable; `datetime` is a `date`.
_IMMUTABLE_BASES = (Enum, PurePath, date, time, type)
# PERF: an empty one is created by its class, which is faster than `deepcopy`.
_EMPTY = (list, dict, set)


def is_immutable(value: Any) -> bool:
    """Whether a value is immutable, so that all requests can share it."""
    cls = type(value)
    if cls in _IMMUTABLE or isinstance(value, _IMMUTABLE_BASES):
        return True
    if isinstance(value, tuple | frozenset):
        return not hasattr(value, "__dict__") and all(map(is_immutable, value))
    # A sentinel: without attributes and items there is nothing to change.
    return all(each is object or each.__dict__.get("__slots__") == () for each in cls.__mro__)


def copier_of(default: Any) -> Callable[[], Any] | None:
    """A function that copies a default; None if all requests can share it.

    Raises:
        Uncopyable: the default can be neither shared nor copied.
    """
    if is_immutable(default):
        return None
    if not default and type(default) in _EMPTY:
        return type(default)
    try:
        again = copy.deepcopy(default)
    except Exception as exc:  # a custom `__deepcopy__` may raise anything
        raise Uncopyable(f"{type(exc).__name__}: {exc}") from exc
    # A class may return its instances uncopied: they are shared on purpose.
    return None if again is default else functools.partial(copy.deepcopy, default)


class Uncopyable(Exception):
    """A mutable default that cannot be copied. The message is the reason."""


class InvalidDefault(RuntimeError):
    """A `default_factory` returned a value that is not valid for its parameter. The response is a 500."""


def checked_factory(
    factory: Callable[[], Any], check: Callable[[Any], Any], invalid: type[Exception], about: str
) -> Callable[[], Any]:
    """A factory that validates its values, for `validate_default=True`."""

    def make() -> Any:
        value = factory()
        try:
            return check(value)
        except invalid as exc:
            name = getattr(factory, "__qualname__", repr(factory))
            raise InvalidDefault(f"{about}: `default_factory={name}` returned an invalid value: {exc}") from exc

    return make

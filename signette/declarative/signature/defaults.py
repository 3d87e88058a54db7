"""Defaults of parameters: which of them are shared by all requests, and how each request gets its own of the others.

A default is shared only where its type says that it cannot change. Everything else is copied for each request, so that
what one request puts into it is not found by the next.
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
    """The type of `ABSENT`: a default that the class which is called makes by itself, with a factory of its own."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<factory>"

    def __reduce__(self) -> str:
        return "ABSENT"  # a round trip through pickle gives the one object again


ABSENT = Absent()

# Instances of exactly these cannot change; a subclass may have attributes of its own.
_IMMUTABLE = frozenset(
    {
        str, bytes, int, float, complex, bool, type(None), object, range, Decimal, Fraction, UUID, timedelta, timezone,
        ZoneInfo, re.Pattern, FunctionType, BuiltinFunctionType, EllipsisType, NotImplementedType, IPv4Address,
        IPv6Address, IPv4Network, IPv6Network, IPv4Interface, IPv6Interface,
    }
)  # fmt: skip
# And of these and their subclasses; `date` has `datetime` below it.
_IMMUTABLE_BASES = (Enum, PurePath, date, time, type)
# PERF: an empty one is made by its own type, without the machinery of `deepcopy`.
_EMPTY = (list, dict, set)


def is_immutable(value: Any) -> bool:
    """Whether all requests can share a value: nothing in it can be changed."""
    cls = type(value)
    if cls in _IMMUTABLE or isinstance(value, _IMMUTABLE_BASES):
        return True
    if isinstance(value, tuple | frozenset):
        return not hasattr(value, "__dict__") and all(map(is_immutable, value))
    # Without a place for attributes, and without items, there is nothing to change: a sentinel.
    return all(each is object or each.__dict__.get("__slots__") == () for each in cls.__mro__)


def copier_of(default: Any) -> Callable[[], Any] | None:
    """A function that makes each request's own copy of a default; None where all requests can share it.

    Raises Uncopyable where it can be neither shared nor copied.
    """
    if is_immutable(default):
        return None
    if not default and type(default) in _EMPTY:
        return type(default)
    try:
        again = copy.deepcopy(default)
    except Exception as exc:  # whatever a class's own way of copying raises
        raise Uncopyable(f"{type(exc).__name__}: {exc}") from exc
    # A class may say that its instances are never copied: they are shared on purpose.
    return None if again is default else functools.partial(copy.deepcopy, default)


class Uncopyable(Exception):
    """A default that can change, of which there can be no copy. Its text says why."""


class InvalidDefault(RuntimeError):
    """A `default_factory` made a value that the parameter's own type rejects: the application's fault, so a 500."""


def checked_factory(
    factory: Callable[[], Any], check: Callable[[Any], Any], invalid: type[Exception], about: str
) -> Callable[[], Any]:
    """A factory whose values are validated, as `validate_default=True` asks for."""

    def make() -> Any:
        value = factory()
        try:
            return check(value)
        except invalid as exc:
            name = getattr(factory, "__qualname__", repr(factory))
            raise InvalidDefault(f"{about}: `default_factory={name}` made a value that is not valid: {exc}") from exc

    return make

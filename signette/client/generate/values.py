"""Values as source: defaults, choices, metadata."""

import dataclasses
import enum
import math
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from pathlib import Path, PurePath
from re import Pattern
from types import NoneType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, AliasPath, BaseModel

from signette.client.generate.errors import NotSource
from signette.client.generate.scope import Scope, importable

__all__ = ["call_of", "string_source", "value_source"]

# Their text is the argument of their constructor.
BY_TEXT = (
    UUID,
    Decimal,
    Fraction,
    PurePath,
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
    ZoneInfo,
)


def value_source(value: Any, scope: Scope) -> str:
    """An expression that makes an equal value.

    Raises:
        NotSource: there is no such expression without code of the application.
    """
    if value is None or value is Ellipsis or isinstance(value, bool):
        return "..." if value is Ellipsis else repr(value)
    if isinstance(value, enum.Enum):
        return _enum_source(value, scope)
    kind = type(value)
    if kind in (str, bytes):
        return string_source(value)
    if kind in (int, complex):
        return repr(value)
    if kind is float:
        return repr(value) if math.isfinite(value) else f'{scope.builtin("float")}("{value}")'
    if isinstance(value, BY_TEXT) or hasattr(kind, "unicode_string"):
        kind = Path if isinstance(value, Path) else kind  # of any operating system
        home = importable(kind)
        if home is None:
            raise NotSource(f"a value of `{kind.__name__}`")
        return f"{scope.imported(*home)}({string_source(str(value))})"
    if isinstance(value, date | time | timedelta | timezone):
        return _moment_source(value, scope)
    if isinstance(value, type):
        return _class_source(value, scope)
    if isinstance(value, Pattern):
        flags = value.flags & ~32  # `re.UNICODE` is what each pattern of a string has
        rest = f", {flags}" if flags else ""
        return f"{scope.imported('re', 'compile')}({value_source(value.pattern, scope)}{rest})"
    if hasattr(kind, "get_secret_value"):
        raise NotSource("a secret")  # also one that could be written: it stays in the application
    return _collection_source(value, scope)


def string_source(text: str | bytes) -> str:
    """A literal in double quotes, unless it has more of these than of single ones."""
    return _doubled(repr(text))


def _doubled(literal: str) -> str:
    """The literal in double quotes, where that takes no more escapes."""
    start = literal.index(literal[-1])
    quote, prefix, body = literal[-1], literal[:start], literal[start + 1 : -1]
    if quote == '"':  # it has single quotes inside, and no double ones
        return literal
    plain = body.replace("\\'", "'")
    if plain.count('"') > plain.count("'"):
        return literal
    return f'{prefix}"{_escaped(plain)}"'


def _escaped(body: str) -> str:
    return body.replace('"', '\\"')


def call_of(name: str, args: Iterable[str] = (), options: Mapping[str, str] | None = None) -> str:
    """A call with these arguments."""
    return f"{name}({', '.join((*args, *(f'{key}={text}' for key, text in (options or {}).items())))})"


def _enum_source(value: enum.Enum, scope: Scope) -> str:
    cls = type(value)
    name = scope.imported(*home) if (home := importable(cls)) else scope.defined(cls)
    if isinstance(value, enum.Flag) and value.name not in cls.__members__:
        return f"{name}({value.value})"
    return f"{name}.{value.name}"


def _moment_source(value: Any, scope: Scope) -> str:
    kind: Any = type(value)
    home = importable(kind)
    if home is None:
        raise NotSource(f"a value of `{kind.__name__}`")
    name = scope.imported(*home)
    if isinstance(value, timezone):
        if value == timezone.utc:  # noqa: UP017 - the class whose constant it is
            return scope.imported("datetime", "UTC")
        offset = value.utcoffset(None)
        return f"{name}({value_source(offset, scope)})"
    if isinstance(value, timedelta):
        parts = {"days": value.days, "seconds": value.seconds, "microseconds": value.microseconds}
        return call_of(name, (), {key: repr(part) for key, part in parts.items() if part})
    words = ("year", "month", "day") if isinstance(value, date) else ()
    clock = ("hour", "minute", "second", "microsecond") if isinstance(value, datetime | time) else ()
    given = [getattr(value, word) for word in (*words, *clock)]
    while len(given) > len(words) and given[-1] == 0:
        given.pop()
    zone = getattr(value, "tzinfo", None)
    options = {} if zone is None else {"tzinfo": value_source(zone, scope)}
    if getattr(value, "fold", 0):
        options["fold"] = "1"
    return call_of(name, map(repr, given), options)


def _class_source(value: type, scope: Scope) -> str:
    if value is NoneType:
        return scope.imported("types", "NoneType")
    home = importable(value)
    if home is None:
        raise NotSource(f"the class `{value.__name__}`")
    return scope.builtin(home[1]) if home[0] == "builtins" else scope.imported(*home)


def _collection_source(value: Any, scope: Scope) -> str:
    kind = type(value)
    if kind in (list, tuple):
        items = [value_source(each, scope) for each in value]
        if kind is list:
            return f"[{', '.join(items)}]"
        return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
    if kind in (set, frozenset):
        items = sorted(value_source(each, scope) for each in value)
        text = f"{{{', '.join(items)}}}" if items else ""
        return text if text and kind is set else f"{scope.builtin(kind.__name__)}({text})"
    if kind is dict:
        return "{" + ", ".join(f"{value_source(k, scope)}: {value_source(v, scope)}" for k, v in value.items()) + "}"
    if kind is deque:
        length = {} if value.maxlen is None else {"maxlen": repr(value.maxlen)}
        return call_of(scope.imported("collections", "deque"), [value_source([*value], scope)], length)
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        members = {name: value_source(getattr(value, name), scope) for name in kind._fields}
        return call_of(scope.defined(kind), (), members)
    if isinstance(value, AliasPath | AliasChoices):
        parts = value.path if isinstance(value, AliasPath) else value.choices
        return call_of(scope.imported("pydantic", kind.__name__), [value_source(each, scope) for each in parts])
    if isinstance(value, BaseModel):
        return _model_source(value, scope)
    if dataclasses.is_dataclass(value):
        fields = [each for each in dataclasses.fields(value) if each.init]
        return _instance_source(kind, fields, value, scope)
    raise NotSource(f"a value of `{kind.__name__}`")


def _model_source(value: BaseModel, scope: Scope) -> str:
    kind = type(value)
    name = importable(kind)
    if kind.__pydantic_generic_metadata__["args"]:
        raise NotSource(f"a value of `{kind.__name__}`")
    local = scope.imported(*name) if name else scope.defined(kind)
    given = {
        each: value_source(getattr(value, each), scope) for each in kind.model_fields if each in value.model_fields_set
    }
    if set(given) == {"root"}:
        return f"{local}({given['root']})"
    return call_of(local, (), given)


def _instance_source(kind: type, fields: Iterable[Any], value: Any, scope: Scope) -> str:
    home = importable(kind)
    name = scope.imported(*home) if home else scope.defined(kind)
    options = {}
    for field in fields:
        held = getattr(value, field.name)
        default = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        if held is not default and held != default:
            options[field.name] = value_source(held, scope)
    return call_of(name, (), options)

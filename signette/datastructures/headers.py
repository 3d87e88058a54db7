"""Header fields: pairs of bytes as in ASGI, as text (latin-1, RFC 9110 section 5.5).

Theory of operation. Both classes are views of a list of `(name, value)` pairs, which they do not copy: all views of a
scope share its headers. The first lookup scans the list; from the second on, `Headers` uses a dictionary of first
values. `MutableHeaders` shares its list with its response, which may change it, so it scans the list for each lookup,
except after `keys()`, which records the *positions* of the names; a position is used only if the list still has the
name there. So `dict(headers)` takes linear time for both.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from functools import lru_cache
from typing import Any, Self, TypeVar, overload

from signette._http.tokens import TCHARS

T = TypeVar("T")

Field = tuple[bytes, bytes]

_TOKEN = TCHARS.encode("ascii")

_NEVER_READ = -2
_READ_ONCE = -1


@lru_cache(maxsize=512)
def encode_name(name: str) -> bytes:
    """The encoded name in lower case. PERF: cached, as an application uses few names.

    Raises:
        ValueError: the name is not a token (RFC 9110 section 5.1).
    """
    if not name.isascii() or not name or (encoded := name.encode("ascii")).translate(None, _TOKEN):
        raise ValueError(f"The header name {name!r} is not a token: use ASCII letters, digits and hyphens.")
    return encoded.lower()


def encode_value(value: str, name: str = "") -> bytes:
    """The encoded value. `name` is for the error message, which does not show the value.

    Raises:
        ValueError: the value contains CR, LF or NUL (RFC 9110 section 5.5), or characters outside of latin-1.
        TypeError: the value is not a string.
    """
    try:
        # PERF: one pass in C accepts nearly all values; three `in` take six times as long.
        if value.isprintable() or not ("\n" in value or "\r" in value or "\0" in value):
            return value.encode("latin-1")
    except UnicodeEncodeError:
        problem = "is not latin-1 text: percent-encode it (RFC 8187)"
    except AttributeError:
        raise TypeError(f"The value of the header {name!r} must be a string, not {type(value).__name__}.") from None
    else:
        problem = "contains CR, LF or NUL"
    raise ValueError(f"The value of the header {name!r} {problem}.")


def fields_of(scope: MutableMapping[str, Any]) -> list[Field]:
    """The header fields of a scope or message, not copied. Do not change them: they may be a tuple."""
    fields: list[Field] = scope.get("headers", ())
    if not isinstance(fields, (list, tuple)):
        # ASGI allows any iterable; the list replaces one that can be iterated over only once.
        fields = scope["headers"] = list(fields)
    return fields


class Headers(Mapping[str, str]):
    """Header fields by case-insensitive name. `headers[name]` is the first value, `getlist(name)` has all values.

    A list passed as `raw`, or in `scope`, is not copied. Its names must be in lower case, as in ASGI; do not replace
    its items. `keys()`, `values()` and `items()` are lists with one entry for each field, so names may repeat.

    Raises:
        TypeError: more than one of `headers`, `raw` and `scope` is set.
    """

    __slots__ = ("_count", "_first", "_list")

    _list: list[Field]
    _first: dict[bytes, bytes]

    def __init__(
        self,
        headers: Mapping[str, str] | None = None,
        raw: list[Field] | None = None,
        scope: MutableMapping[str, Any] | None = None,
    ) -> None:
        self._count = _NEVER_READ
        if scope is not None:
            if headers is not None or raw is not None:
                raise _two_sources("headers" if raw is None else "raw", "scope")
            self._list = fields_of(scope)
        elif raw is not None:
            if headers is not None:
                raise _two_sources("headers", "raw")
            self._list = raw
        elif headers is not None:
            self._list = [(encode_name(name), encode_value(value, name)) for name, value in headers.items()]
        else:
            self._list = []

    @property
    def raw(self) -> list[Field]:
        """The pairs of bytes in their order, as a new list."""
        return list(self._list)

    def keys(self) -> list[str]:  # type: ignore[override]  # documented as a list, as names may repeat
        return [name.decode("latin-1") for name, _ in self._list]

    def values(self) -> list[str]:  # type: ignore[override]  # a list, like keys()
        return [value.decode("latin-1") for _, value in self._list]

    def items(self) -> list[tuple[str, str]]:  # type: ignore[override]  # a list, like keys()
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._list]

    def getlist(self, key: str) -> list[str]:
        """All values of the name in their order; an empty list if the name is missing."""
        key_bytes = _lower_bytes(key)
        return [value.decode("latin-1") for name, value in self._list if name == key_bytes]

    def mutablecopy(self) -> "MutableHeaders":
        """A copy that can be changed."""
        return MutableHeaders(raw=list(self._list))

    def __getitem__(self, key: str) -> str:
        value = self._find(key)
        if value is None:
            raise KeyError(key)
        return value.decode("latin-1")

    # `get` and `in` of `Mapping` would raise and catch a KeyError for each missing name.
    @overload
    def get(self, key: str, default: None = None) -> str | None: ...
    @overload
    def get(self, key: str, default: str | T) -> str | T: ...
    def get(self, key: str, default: Any = None) -> Any:
        value = self._find(key)
        return default if value is None else value.decode("latin-1")

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._find(key) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self._list)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            return NotImplemented
        return self._list == other._list or _sorted(self) == _sorted(other)

    __hash__ = None  # type: ignore[assignment]  # the list may change

    def __repr__(self) -> str:
        items = self.items()
        once = dict(items)
        shown = repr(once) if len(once) == len(items) else f"raw={list(self._list)!r}"
        return f"{type(self).__name__}({shown})"

    def _find(self, key: str) -> bytes | None:
        try:
            name = key.encode("latin-1").lower()  # as in `_lower_bytes`; PERF: saves a call for each lookup
        except UnicodeEncodeError:
            return None
        if self._count == len(self._list):
            return self._first.get(name)
        if self._count == _NEVER_READ:  # PERF: one scan costs less than the dictionary, two cost more
            self._count = _READ_ONCE
            for field in self._list:
                if field[0] == name:
                    return field[1]
            return None
        self._first = dict(reversed(self._list))  # reversed, so that the first of several values is kept
        self._count = len(self._list)
        return self._first.get(name)


class MutableHeaders(Headers):
    """Header fields that can be changed. Changes `raw` in place.

    With a `scope` (or an ASGI message), replaces its headers by a copy, and changes that copy: the old list may belong
    to a response that is sent again. Setting an existing name keeps its position and removes its other values. Names
    are written in lower case, and found in any case.

    Raises:
        ValueError: a name is not a token, or a value contains CR, LF, NUL or characters outside of latin-1.
    """

    __slots__ = ("_positions",)

    def __init__(
        self,
        headers: Mapping[str, str] | None = None,
        raw: list[Field] | None = None,
        scope: MutableMapping[str, Any] | None = None,
    ) -> None:
        super().__init__(headers, raw, scope)
        self._positions: dict[bytes, int] = {}
        if scope is not None:
            self._list = scope["headers"] = list(self._list)

    @property
    def raw(self) -> list[Field]:
        """The list of pairs of bytes itself, not a copy."""
        return self._list

    def keys(self) -> list[str]:  # type: ignore[override]  # a list, as in Headers
        positions = [(name.lower(), at) for at, (name, _) in enumerate(self._list)]
        self._positions = dict(reversed(positions))
        self._count = len(positions)
        return super().keys()

    def getlist(self, key: str) -> list[str]:
        lowered = _lower_bytes(key)
        size = len(lowered)
        return [value.decode("latin-1") for name, value in self._list if len(name) == size and name.lower() == lowered]

    def __setitem__(self, key: str, value: str) -> None:
        self._set(encode_name(key), encode_value(value, key))

    def __delitem__(self, key: str) -> None:
        """Remove all values of the name, if any."""
        if self._find(key) is not None:
            lowered = _lower_bytes(key)
            self._list[:] = [field for field in self._list if field[0].lower() != lowered]

    def __or__(self, other: Mapping[str, str]) -> "MutableHeaders":
        return self.mutablecopy().__ior__(other)

    def __ior__(self, other: Mapping[str, str]) -> Self:
        if not isinstance(other, Mapping):
            raise TypeError(f"Expected a mapping but got {type(other).__name__}")
        self.update(other)
        return self

    def setdefault(self, key: str, value: str) -> str:
        """The first value of the name. Sets it to `value` if it is missing."""
        name = encode_name(key)
        encoded = encode_value(value, key)
        current = self._value_of(name)
        if current is not None:
            return current.decode("latin-1")
        self._list.append((name, encoded))
        return value

    def update(self, other: Mapping[str, str]) -> None:
        """Set all these fields."""
        for key, value in other.items():
            self[key] = value

    def append(self, key: str, value: str) -> None:
        """Add a value, and keep the existing values of the name."""
        self._list.append((encode_name(key), encode_value(value, key)))

    def add_vary_header(self, vary: str) -> None:
        """Add names to `Vary`, without duplicates. `*` replaces all others (RFC 9110 section 12.5.5)."""
        self._set(b"vary", _merge_vary(*self.getlist("vary"), vary))

    def _set(self, name: bytes, value: bytes) -> None:
        fields, size, at, is_repeated = self._list, len(name), -1, False
        for position, (known, _) in enumerate(fields):
            # PERF: names of another length need no copy in lower case.
            if known == name or (len(known) == size and known.lower() == name):
                if at < 0:
                    at = position
                else:
                    is_repeated = True
        if at < 0:
            fields.append((name, value))
            return
        fields[at] = (name, value)
        if is_repeated:
            fields[at + 1 :] = [field for field in fields[at + 1 :] if field[0].lower() != name]

    def _find(self, key: str) -> bytes | None:
        return self._value_of(_lower_bytes(key))

    def _value_of(self, name: bytes) -> bytes | None:
        fields = self._list
        if self._positions and self._count == len(fields):
            at = self._positions.get(name)
            if at is not None and fields[at][0].lower() == name:
                return fields[at][1]
        size = len(name)
        for known, value in fields:
            if known == name or (len(known) == size and known.lower() == name):
                return value
        return None


@lru_cache(maxsize=256)
def _merge_vary(*lines: str) -> bytes:
    """The names of all lines in one value, without duplicates."""
    names: dict[str, str] = {}
    for line in lines:
        for name in filter(None, map(str.strip, line.split(","))):
            names.setdefault(name.lower(), name)
    return encode_value("*" if "*" in names else ", ".join(names.values()), "vary")


def _lower_bytes(key: str) -> bytes:
    # Encoded first: `str.lower` turns some other characters (the Kelvin sign) into ASCII letters.
    try:
        return key.encode("latin-1").lower()
    except UnicodeEncodeError:
        return b""  # matches no field


def _sorted(headers: Headers) -> list[Field]:
    return sorted((name.lower(), value) for name, value in headers._list)


def _two_sources(one: str, other: str) -> TypeError:
    return TypeError(f'Cannot set both "{one}" and "{other}".')

"""Header fields: pairs of bytes as ASGI carries them, seen as text (latin-1, RFC 9110 section 5.5).

Theory of operation. Both classes are views on a list of `(name, value)` pairs that somebody else may own, and
neither copies it: a scope has its headers once, however many views are made. One look-up scans; from the
second on `Headers` asks a dictionary of first values. `MutableHeaders` shares its list with the response it
belongs to, so it always scans, except after `keys()`: that notes the *places* of the names, and a place is
believed only if the list still says so. Both ways, `dict(headers)` takes time in proportion to the number of
fields.
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
    """The name as it goes on the wire, in lower case. PERF: an application has few names, and each of them often.

    Raises:
        ValueError: the name is no token (RFC 9110 section 5.1) and could end the field or begin another.
    """
    if not name.isascii() or not name or (encoded := name.encode("ascii")).translate(None, _TOKEN):
        raise ValueError(f"The header name {name!r} is not a token: use ASCII letters, digits and hyphens.")
    return encoded.lower()


def encode_value(value: str, name: str = "") -> bytes:
    """The value as it goes on the wire. `name` is for the message, which does not show the value.

    Raises:
        ValueError: it holds CR, LF or NUL (RFC 9110 section 5.5), or text that latin-1 does not have.
        TypeError: it is not text.
    """
    try:
        # PERF: one pass in C clears nearly every value; three `in` take six times as long.
        if value.isprintable() or not ("\n" in value or "\r" in value or "\0" in value):
            return value.encode("latin-1")
    except UnicodeEncodeError:
        fault = "is not latin-1 text: percent-encode it (RFC 8187)"
    except AttributeError:
        raise TypeError(f"The value of the header {name!r} is text, not {type(value).__name__}.") from None
    else:
        fault = "holds a CR, LF or NUL, which would split the message"
    raise ValueError(f"The value of the header {name!r} {fault}.")


def fields_of(scope: MutableMapping[str, Any]) -> list[Field]:
    """The header fields of a scope or message, as they stand there; a tuple stays a tuple. Not to be changed."""
    fields: list[Field] = scope.get("headers", ())
    if not isinstance(fields, (list, tuple)):
        # ASGI allows any iterable; one that can be read once must be kept for the next reader.
        fields = scope["headers"] = list(fields)
    return fields


class Headers(Mapping[str, str]):
    """Header fields by name, whatever its case. `headers[name]` is the first value, `getlist` has all.

    A list given as `raw`, or found in `scope`, is read where it stands, its names in lower case as ASGI has
    them; replace it rather than its items. `keys()`, `values()` and `items()` are lists with one entry a
    field, so a name may be there twice.
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
        """Pairs of bytes, in the order in which they came; a list of its own."""
        return list(self._list)

    def keys(self) -> list[str]:  # type: ignore[override]  # documented as a list: names may be there twice
        return [name.decode("latin-1") for name, _ in self._list]

    def values(self) -> list[str]:  # type: ignore[override]  # a list, like keys()
        return [value.decode("latin-1") for _, value in self._list]

    def items(self) -> list[tuple[str, str]]:  # type: ignore[override]  # a list, like keys()
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._list]

    def getlist(self, key: str) -> list[str]:
        """All values of the name, in the order in which they came; empty if there is none."""
        wanted = _wanted(key)
        return [value.decode("latin-1") for name, value in self._list if name == wanted]

    def mutablecopy(self) -> "MutableHeaders":
        """The same fields, to be changed without changing these."""
        return MutableHeaders(raw=list(self._list))

    def __getitem__(self, key: str) -> str:
        value = self._find(key)
        if value is None:
            raise KeyError(key)
        return value.decode("latin-1")

    # Mapping's own `get` and `in` would raise and catch a KeyError for each name that is not there.
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

    __hash__ = None  # type: ignore[assignment]  # the list may change: what is equal now may differ later

    def __repr__(self) -> str:
        items = self.items()
        once = dict(items)
        shown = repr(once) if len(once) == len(items) else f"raw={list(self._list)!r}"
        return f"{type(self).__name__}({shown})"

    def _find(self, key: str) -> bytes | None:
        try:
            name = key.encode("latin-1").lower()  # as in `_wanted`; PERF: one call less for each look-up
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
        self._first = dict(reversed(self._list))  # backwards: the first of several values is written last
        self._count = len(self._list)
        return self._first.get(name)


class MutableHeaders(Headers):
    """Header fields that can be changed, in place in `raw`.

    Made from a `scope` (or an ASGI message), it puts a copy of the headers there and changes that copy: the
    list that was there may belong to a response that is sent again. Setting a name that is there keeps its
    place and drops its other values. A name is written in lower case, and found in any case: an application
    may have sent it.

    Raises:
        ValueError: a name is no token, or a value holds CR, LF, NUL or text that latin-1 does not have.
    """

    __slots__ = ("_places",)

    def __init__(
        self,
        headers: Mapping[str, str] | None = None,
        raw: list[Field] | None = None,
        scope: MutableMapping[str, Any] | None = None,
    ) -> None:
        super().__init__(headers, raw, scope)
        self._places: dict[bytes, int] = {}
        if scope is not None:
            self._list = scope["headers"] = list(self._list)

    @property
    def raw(self) -> list[Field]:
        """Pairs of bytes: the list itself, not a copy."""
        return self._list

    def keys(self) -> list[str]:  # type: ignore[override]  # a list, like that of Headers
        places = [(name.lower(), at) for at, (name, _) in enumerate(self._list)]
        self._places = dict(reversed(places))
        self._count = len(places)
        return super().keys()

    def getlist(self, key: str) -> list[str]:
        wanted = _wanted(key)
        size = len(wanted)
        return [value.decode("latin-1") for name, value in self._list if len(name) == size and name.lower() == wanted]

    def __setitem__(self, key: str, value: str) -> None:
        self._set(encode_name(key), encode_value(value, key))

    def __delitem__(self, key: str) -> None:
        """Removes all values of the name; a name that is not there is no error."""
        if self._find(key) is not None:
            wanted = _wanted(key)
            self._list[:] = [field for field in self._list if field[0].lower() != wanted]

    def __or__(self, other: Mapping[str, str]) -> "MutableHeaders":
        return self.mutablecopy().__ior__(other)

    def __ior__(self, other: Mapping[str, str]) -> Self:
        if not isinstance(other, Mapping):
            raise TypeError(f"Expected a mapping but got {type(other).__name__}")
        self.update(other)
        return self

    def setdefault(self, key: str, value: str) -> str:
        """The first value of the name, which is set to `value` if it is not there."""
        name = encode_name(key)
        encoded = encode_value(value, key)
        found = self._value_of(name)
        if found is not None:
            return found.decode("latin-1")
        self._list.append((name, encoded))
        return value

    def update(self, other: Mapping[str, str]) -> None:
        """Sets each of the names."""
        for key, value in other.items():
            self[key] = value

    def append(self, key: str, value: str) -> None:
        """Adds a value and keeps those that the name has."""
        self._list.append((encode_name(key), encode_value(value, key)))

    def add_vary_header(self, vary: str) -> None:
        """Adds names to `Vary`, each once. `*` says it all (RFC 9110 section 12.5.5) and stays alone."""
        self._set(b"vary", _merge_vary(*self.getlist("vary"), vary))

    def _set(self, name: bytes, value: bytes) -> None:
        fields, size, at, is_repeated = self._list, len(name), -1, False
        for place, (known, _) in enumerate(fields):
            # PERF: names of another length need no copy in lower case.
            if known == name or (len(known) == size and known.lower() == name):
                if at < 0:
                    at = place
                else:
                    is_repeated = True
        if at < 0:
            fields.append((name, value))
            return
        fields[at] = (name, value)
        if is_repeated:
            fields[at + 1 :] = [field for field in fields[at + 1 :] if field[0].lower() != name]

    def _find(self, key: str) -> bytes | None:
        return self._value_of(_wanted(key))

    def _value_of(self, name: bytes) -> bytes | None:
        fields = self._list
        if self._places and self._count == len(fields):
            at = self._places.get(name)
            if at is not None and fields[at][0].lower() == name:
                return fields[at][1]
        size = len(name)
        for known, value in fields:
            if known == name or (len(known) == size and known.lower() == name):
                return value
        return None


@lru_cache(maxsize=256)
def _merge_vary(*lines: str) -> bytes:
    """The names of all lines in one, each once."""
    names: dict[str, str] = {}
    for line in lines:
        for name in filter(None, map(str.strip, line.split(","))):
            names.setdefault(name.lower(), name)
    return encode_value("*" if "*" in names else ", ".join(names.values()), "vary")


def _wanted(key: str) -> bytes:
    # Encoded before it is lowered: a letter that only folds to ASCII (the Kelvin sign) is no ASCII letter.
    try:
        return key.encode("latin-1").lower()
    except UnicodeEncodeError:
        return b""  # no field has an empty name, and none has this one


def _sorted(headers: Headers) -> list[Field]:
    return sorted((name.lower(), value) for name, value in headers._list)


def _two_sources(one: str, other: str) -> TypeError:
    return TypeError(f'Cannot set both "{one}" and "{other}".')

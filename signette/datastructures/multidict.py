"""Dictionaries with several values for a key: query parameters and forms.

They store a list of pairs, and create the dictionary of last values on first use.
"""

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, TypeVar, overload

from signette._http.query import encode_pairs, parse_pairs
from signette._overrides import overrides
from signette.datastructures.upload import UploadFile, close_in_thread

K = TypeVar("K")
T = TypeVar("T")
V_co = TypeVar("V_co", covariant=True)


class ImmutableMultiDict(Mapping[K, V_co]):
    """A mapping of keys to their last values. `getlist` has all values of a key, `multi_items` all pairs.

    Two of the same class are equal if all keys have the same values in the same order.
    """

    __slots__ = ("_dict", "_list")

    _list: list[tuple[K, V_co]]
    _dict: dict[K, V_co] | None

    def __init__(
        self,
        value: "ImmutableMultiDict[K, V_co] | Mapping[K, V_co] | Iterable[tuple[K, V_co]] | None" = None,
        /,
        **kwargs: Any,
    ) -> None:
        self._list = _pairs(value, kwargs)
        self._dict = None

    def getlist(self, key: Any) -> list[V_co]:
        """All values of the key in their order; an empty list if the key is missing."""
        return [value for name, value in self._list if name == key]

    def multi_items(self) -> list[tuple[K, V_co]]:
        """All pairs in their order, as a new list."""
        return list(self._list)

    def keys(self) -> KeysView[K]:
        return self._last().keys()

    def values(self) -> ValuesView[V_co]:
        return self._last().values()

    def items(self) -> ItemsView[K, V_co]:
        return self._last().items()

    @overload
    def get(self, key: K, default: None = None) -> V_co | None: ...
    @overload
    def get(self, key: K, default: V_co | T) -> V_co | T: ...
    def get(self, key: K, default: Any = None) -> Any:
        last = self._dict
        return (self._last() if last is None else last).get(key, default)

    def __getitem__(self, key: K) -> V_co:
        last = self._dict
        return (self._last() if last is None else last)[key]

    def __contains__(self, key: object) -> bool:
        return key in self._last()

    def __iter__(self) -> Iterator[K]:
        return iter(self._last())

    def __len__(self) -> int:
        return len(self._last())

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        theirs = other._list
        if self._list == theirs:
            return True
        return len(self._list) == len(theirs) and _by_key(self._list) == _by_key(theirs)

    __hash__ = None  # type: ignore[assignment]  # values may be lists, and MultiDict changes

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._list!r})"

    def _last(self) -> dict[K, V_co]:
        last = self._dict
        if last is None:
            last = self._dict = dict(self._list)
        return last


class MultiDict(ImmutableMultiDict[Any, Any]):
    """A mutable multi-dict. Setting a key replaces all its values; only `append` adds one."""

    __slots__ = ()

    def __setitem__(self, key: Any, value: Any) -> None:
        self.setlist(key, [value])

    def __delitem__(self, key: Any) -> None:
        del self._last()[key]
        self._drop(key)

    def pop(self, key: Any, default: Any = None) -> Any:
        """Remove the key and return its last value; `default` if it is missing."""
        last = self._last()
        if key not in last:
            return default
        self._drop(key)
        return last.pop(key)

    def popitem(self) -> tuple[Any, Any]:
        """Remove a key and return it with its last value.

        Raises:
            KeyError: the multi-dict is empty.
        """
        key, value = self._last().popitem()
        self._drop(key)
        return key, value

    def poplist(self, key: Any) -> list[Any]:
        """Remove the key and return all its values; an empty list if it is missing."""
        values = self.getlist(key)
        if values:
            del self[key]
        return values

    def clear(self) -> None:
        """Remove all keys."""
        self._list.clear()
        self._last().clear()

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """The last value of the key. Sets it to `default` if it is missing."""
        if key not in self._last():
            self.append(key, default)
        return self._last()[key]

    def setlist(self, key: Any, values: list[Any]) -> None:
        """Replace the values of the key. An empty list removes the key."""
        last = self._last()
        if key in last:
            self._drop(key)
        if values:
            self._list.extend((key, value) for value in values)
            last[key] = values[-1]
        else:
            last.pop(key, None)

    def append(self, key: Any, value: Any) -> None:
        """Add a value, and keep the existing values of the key."""
        self._last()[key] = value
        self._list.append((key, value))

    def update(
        self,
        value: ImmutableMultiDict[Any, Any] | Mapping[Any, Any] | Iterable[tuple[Any, Any]] | None = None,
        /,
        **kwargs: Any,
    ) -> None:
        """Replace the values of these keys. A key that is passed several times gets all the values."""
        last = self._last()
        pairs = _pairs(value, kwargs)
        updates = dict(pairs)
        self._list = [pair for pair in self._list if pair[0] not in updates] + pairs
        last.update(updates)

    def _drop(self, key: Any) -> None:
        self._list = [pair for pair in self._list if pair[0] != key]


class QueryParams(ImmutableMultiDict[str, str]):
    """Query parameters, from a query string (bytes or text) or from pairs. `str(params)` is the query string."""

    __slots__ = ()

    def __init__(
        self,
        value: ImmutableMultiDict[Any, Any] | Mapping[Any, Any] | Iterable[tuple[Any, Any]] | str | bytes | None = None,
        /,
        **kwargs: Any,
    ) -> None:
        if isinstance(value, bytes):
            pairs = parse_pairs(value)
        elif isinstance(value, str):
            pairs = parse_pairs(value.encode("utf-8", "surrogatepass"))  # accepts lone surrogates
        else:
            pairs = [(str(key), str(item)) for key, item in _pairs(value, {})]
        if kwargs:
            pairs += [(key, str(item)) for key, item in kwargs.items()]
        self._list = pairs
        self._dict = None

    def __str__(self) -> str:
        return encode_pairs(self._list)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class FormData(ImmutableMultiDict[str, UploadFile | str]):
    """The fields of a form: text or `UploadFile`. The request always closes the files."""

    __slots__ = ()

    async def close(self) -> None:
        """Close all files. If closing one fails, still closes the others, then raises the error."""
        failure: BaseException | None = None
        on_disk: list[Any] = []
        for _, value in self._list:
            if not isinstance(value, UploadFile):
                continue
            if getattr(value.file, "_rolled", False) and not overrides(value, UploadFile, "close"):
                on_disk.append(value.file)
                continue
            try:
                await value.close()
            except BaseException as error:  # noqa: BLE001  # closes the other files after a cancellation, too
                failure = failure or error
        if on_disk:
            try:
                await close_in_thread(on_disk)
            except BaseException as error:  # noqa: BLE001  # as above
                failure = failure or error
        if failure is not None:
            raise failure


def _pairs(value: Any, more: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    if value is None:
        pairs = []
    elif isinstance(value, ImmutableMultiDict):
        pairs = list(value._list)
    else:
        pairs = [(key, item) for key, item in (value.items() if hasattr(value, "items") else value)]
    if more:
        pairs.extend(more.items())
    return pairs


def _by_key(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    values: dict[Any, list[Any]] = {}
    for key, value in pairs:
        values.setdefault(key, []).append(value)
    return values

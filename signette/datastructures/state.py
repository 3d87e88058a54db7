"""State of applications and requests, secrets, and lists in settings."""

import shlex
from collections.abc import Iterator, Sequence
from typing import Any, overload


class State:
    """The state of an application or a request: any names, as attributes or as items.

    A dictionary that is passed in is not copied, so that `scope["state"]` has all changes.
    """

    __slots__ = ("_state",)

    _state: dict[str, Any]

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        object.__setattr__(self, "_state", {} if state is None else state)

    def __getattr__(self, key: str) -> Any:
        try:
            return self._state[key]
        except KeyError:
            raise self._missing(key) from None

    def __setattr__(self, key: str, value: Any) -> None:
        self._state[key] = value

    def __delattr__(self, key: str) -> None:
        try:
            del self._state[key]
        except KeyError:
            raise self._missing(key) from None

    def __getitem__(self, key: str) -> Any:
        return self._state[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._state[key] = value

    def __delitem__(self, key: str) -> None:
        del self._state[key]

    def __contains__(self, key: object) -> bool:
        return key in self._state

    def __iter__(self) -> Iterator[str]:
        return iter(self._state)

    def __len__(self) -> int:
        return len(self._state)

    def __reduce__(self) -> tuple[type["State"], tuple[dict[str, Any]]]:
        # Copying and unpickling call the constructor: `__getattr__` needs `_state`.
        return type(self), (dict(self._state),)

    def _missing(self, key: str) -> AttributeError:
        return AttributeError(f"{type(self).__name__!r} object has no attribute {key!r}", name=key, obj=self)


class Secret:
    """A string that logs and tracebacks do not show. `str(secret)` is the string, `repr(secret)` hides it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __str__(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"{type(self).__name__}('**********')"

    def __bool__(self) -> bool:
        return bool(self._value)


class CommaSeparatedStrings(Sequence[str]):
    """The items of a setting such as `a, "b, c"`: split at commas, with shell-like quotes, without empty items.

    Raises:
        ValueError: a quote is not closed.
    """

    __slots__ = ("_items",)

    def __init__(self, value: str | Sequence[str]) -> None:
        self._items = _split(value) if isinstance(value, str) else list(value)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._items!r})"

    def __str__(self) -> str:
        return ", ".join(map(repr, self._items))


def _split(value: str) -> list[str]:
    lexer = shlex.shlex(value, posix=True)
    lexer.whitespace = ","
    lexer.whitespace_split = True
    lexer.commenters = ""  # `#fff, #000` are two items, not a comment
    return [item.strip() for item in lexer]

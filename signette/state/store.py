"""`Store`: values by key, each with an optional expiry."""

import re
from typing import Protocol, runtime_checkable

from signette._dataclasses import dataclass


@runtime_checkable
class Store(Protocol):
    """Values by key. Keys are text, values are bytes; `ttl` is the time to live in seconds, None without an expiry.

    Each method is one atomic step, also for several processes that share the engine. All of them raise
    `StateUnavailable` if the engine cannot be used, a `ValueError` for a `ttl` that is not a positive number, and a
    `TypeError` for a value that is not bytes.
    """

    async def get(self, key: str) -> bytes | None:
        """Return the value; None if it does not exist or has expired."""

    async def set(self, key: str, value: bytes, *, ttl: float | None = None) -> None:
        """Store a value, in place of an earlier one and its expiry."""

    async def add(self, key: str, value: bytes, *, ttl: float | None = None) -> bool:
        """Store a value if the key has none. Returns whether the value was stored."""
        ...

    async def replace(self, key: str, expected: bytes, value: bytes, *, ttl: float | None = None) -> bool:
        """Store a value, and its expiry, if the present value is `expected`. Returns whether the value was stored."""
        ...

    async def delete(self, key: str, *, expected: bytes | None = None) -> bool:
        """Delete a value, with `expected` only if it is that value. Returns whether a value was deleted."""
        ...

    async def touch(self, key: str, ttl: float | None) -> bool:
        """Replace the expiry of a value; None removes it. Returns whether the value exists."""
        ...


@dataclass(frozen=True, slots=True)
class Purpose:
    """The purpose of an injected store or bus: `Annotated[Store, Purpose("drafts")]`.

    Raises:
        ValueError: the name has other characters than letters, digits, `_`, `.` and `-`.
    """

    name: str

    def __post_init__(self) -> None:
        check_name("purpose", self.name)


# The purpose and the namespace are parts of a key, between separators that they must not contain.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def check_name(what: str, name: str) -> None:
    """Reject the name of a purpose or a namespace with which keys could collide.

    Raises:
        ValueError: it has other characters than letters, digits, `_`, `.` and `-`.
    """
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise ValueError(
            f"{what} {name!r} must begin with a letter or digit, and have letters, digits, `_`, `.` and `-` only"
        )


# Three centuries: an engine counts milliseconds in 64 bits.
MAX_TTL = 1e10


def check_ttl(ttl: float | None) -> None:
    """Reject a time to live that no engine can keep.

    Raises:
        ValueError: it is not a positive number of seconds up to `MAX_TTL`.
    """
    try:
        is_valid = ttl is None or 0 < ttl <= MAX_TTL
    except TypeError:  # a timedelta
        is_valid = False
    if not is_valid:
        raise ValueError(
            f"`ttl` must be a positive number of seconds up to {MAX_TTL:.0f}, or None for a value that does not expire:"
            f" {ttl}"
        )


def check_value(value: bytes) -> None:
    """Reject a value that would come back as another one.

    Raises:
        TypeError: it is not bytes.
    """
    if not isinstance(value, bytes):
        raise TypeError(f"a `Store` and a `Bus` keep bytes, got {type(value).__name__}; encode it first")

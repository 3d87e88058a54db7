"""Checks of arguments of policies: what is wrong with one is an error when the policy is made, not at a request."""

from collections.abc import Container
from typing import Any

from signette._http.cache_control import MAX_SECONDS


def check_seconds(name: str, value: Any, *, or_zero: bool = False) -> float:
    """An argument in seconds. Raises ValueError if it is not a positive number up to `MAX_SECONDS`."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (is_number and (0 < value <= MAX_SECONDS or (or_zero and value == 0))):
        least = "a number from 0" if or_zero else "a positive number of seconds,"
        raise ValueError(f"`{name}={value!r}` must be {least} up to {MAX_SECONDS}")
    seconds: float = value
    return seconds


def check_statuses(statuses: Any) -> Any:
    """The argument `statuses`. Raises TypeError if it cannot be asked for a status."""
    if not isinstance(statuses, Container) or isinstance(statuses, str | bytes):
        raise TypeError(f"`statuses={statuses!r}` must be a collection of numbers, such as `(200, 404)`")
    return statuses


def list_statuses(statuses: Container[int]) -> list[int]:
    """The statuses in a collection that has no order, and may have no length."""
    return [status for status in range(100, 600) if status in statuses]


def check_max_bytes(max_bytes: Any) -> int:
    """The argument `max_bytes`. Raises ValueError if it is not a number of bytes."""
    if isinstance(max_bytes, bool) or not isinstance(max_bytes, int) or max_bytes < 0:
        raise ValueError(f"`max_bytes={max_bytes!r}` must be an integer of at least 0")
    return max_bytes

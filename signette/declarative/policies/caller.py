"""What `by=` of a policy returns, as a part of a key: the caller, whose stored responses no other caller gets."""

from collections.abc import Callable
from enum import Enum
from typing import Any
from uuid import UUID

from signette.declarative.errors.base import format_type
from signette.declarative.policies.base import CannotApply
from signette.declarative.signature.annotations import UnresolvedName, union_members
from signette.declarative.signature.assignable import is_assignable, yielded_type
from signette.declarative.signature.callables import kind_of, result_of
from signette.declarative.signature.markers import MISSING

_Key = str | int | bytes | UUID | Enum | tuple[Any, ...] | None
_ALLOWED = "`str`, `int`, `bytes`, `UUID`, an enum, or a tuple of these"


def caller_key(value: Any) -> bytes:
    """The bytes of a value that identifies a caller; those of different values differ.

    Raises TypeError for a value whose text could be that of another one, such as a model.
    """
    if isinstance(value, tuple):
        parts = [caller_key(each) for each in value]
        return b"t" + b"".join(b"%d:%s" % (len(part), part) for part in parts)
    if isinstance(value, Enum):
        return b"e" + caller_key(value.value)
    if isinstance(value, bytes):
        return b"b" + value
    if isinstance(value, str):
        return b"s" + value.encode("utf-8", "surrogatepass")
    if isinstance(value, UUID):
        return b"u" + value.bytes
    if isinstance(value, int):
        return b"i%d" % value
    if value is None:
        return b"n"
    raise TypeError(
        f"`by=` of a policy must return {_ALLOWED}, not `{type(value).__name__}`; return the id of the user"
    )


def checked_by(policy: str, by: Any) -> Any:
    """The argument `by`. Raises TypeError if it cannot be a dependency."""
    if by is not None and by is not MISSING and not callable(by):
        raise TypeError(f"`by={by!r}` of `{policy}` must be a dependency: a function that returns the id of the user")
    return by


def check_by(by: Callable[..., Any] | None) -> CannotApply | None:
    """Why a callable cannot be `by=`, from its return annotation; None: it can, or has none."""
    if by is None:
        return None
    try:
        returns = yielded_type(result_of(by), kind_of(by))
    except UnresolvedName:  # the planner reports it
        return None
    if all(is_assignable(each, _Key) for each in union_members(returns)):
        return None
    name, word = getattr(by, "__name__", type(by).__name__), format_type(returns)
    return CannotApply(
        f"`by={name}` returns `{word}`, which is no key: a key is {_ALLOWED}",
        f"pass a dependency that takes the `{word}` and returns its id",
    )

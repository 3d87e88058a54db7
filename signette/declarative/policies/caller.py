"""What `by=` of a policy returns, as a part of a key: the caller, whose stored responses no other caller gets."""

from collections.abc import Callable
from enum import Enum
from typing import Any, get_args
from uuid import UUID

from signette.declarative.policies.base import CannotApply
from signette.declarative.signature.annotations import UnresolvedName, class_of, strip_annotated, union_members
from signette.declarative.signature.callables import kind_of, result_of
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import Kind

_TYPES = (str, int, bytes, UUID, Enum, type(None))
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


def check_by(by: Callable[..., Any] | None) -> CannotApply | None:
    """Why a callable cannot be `by=`, from its return annotation; None: it can, or has none."""
    if by is None:
        return None
    name = getattr(by, "__name__", type(by).__name__)
    try:
        result = result_of(by)
    except (UnresolvedName, TypeError, ValueError):
        return None
    if kind_of(by) in (Kind.ASYNC_GENERATOR, Kind.SYNC_GENERATOR):
        result = next(iter(get_args(result)), MISSING)
    if result is MISSING or result is Any or _is_key(result):
        return None
    word = getattr(result, "__name__", str(result))
    return CannotApply(
        f"`by={name}` returns `{word}`, which is no key: a key is {_ALLOWED}",
        f"pass a dependency that takes the `{word}` and returns its id",
    )


def _is_key(annotation: Any) -> bool:
    for member in union_members(annotation):
        plain = strip_annotated(member)
        cls = class_of(plain)
        if cls is tuple:
            if not all(each is ... or _is_key(each) for each in get_args(plain)):
                return False
        elif plain is not None and (cls is None or not issubclass(cls, _TYPES)) and not _is_literal(plain):
            return False
    return True


def _is_literal(annotation: Any) -> bool:
    return bool(get_args(annotation)) and all(isinstance(each, _TYPES) for each in get_args(annotation))

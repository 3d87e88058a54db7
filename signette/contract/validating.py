"""Is a JSON value a contract? It is checked against the types of `model`, which the JSON Schema of the file repeats."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from signette.contract.model import Contract

_hints = lru_cache(get_type_hints)


def first_fault(value: Any) -> str | None:
    """What is wrong with a contract, with the place as a JSON Pointer; None if it is one."""
    return next(_faults(value, Contract, ""), None)


def _faults(value: Any, expected: Any, pointer: str) -> Iterator[str]:
    origin, arguments = get_origin(expected), get_args(expected)
    if expected is Any:
        return
    if origin in (Union, UnionType):
        if value is not None or NoneType not in arguments:
            yield from _faults(value, next(each for each in arguments if each is not NoneType), pointer)
    elif origin is Literal:
        if value not in arguments:
            yield f"`{pointer}` must be {' or '.join(map(repr, arguments))}"
    elif is_typeddict(expected):
        yield from _members(value, expected, pointer)
    elif origin is dict:
        for key, each in value.items() if isinstance(value, Mapping) else ():
            yield from _faults(each, arguments[1], _below(pointer, key))
        yield from _kind(value, dict, pointer)
    elif origin is list:
        for index, each in enumerate(value if isinstance(value, list) else ()):
            yield from _faults(each, arguments[0], _below(pointer, index))
        yield from _kind(value, list, pointer)
    else:
        yield from _kind(value, expected, pointer)


def _members(value: Any, expected: Any, pointer: str) -> Iterator[str]:
    yield from _kind(value, dict, pointer)
    if not isinstance(value, Mapping):
        return
    for key in sorted(expected.__required_keys__ - value.keys()):
        yield f"`{_below(pointer, key)}` is missing"
    for key, hint in _hints(expected).items():
        if key in value:
            yield from _faults(value[key], hint, _below(pointer, key))


def _kind(value: Any, cls: type, pointer: str) -> Iterator[str]:
    if not isinstance(value, cls) or (isinstance(value, bool) and cls is not bool):
        yield f"`{pointer or '/'}` must be of the type `{cls.__name__}`"


def _below(pointer: str, key: Any) -> str:
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"

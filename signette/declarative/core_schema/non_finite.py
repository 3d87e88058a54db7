"""NaN and infinities in JSON bodies: pydantic accepts `NaN`, `Infinity` and `1e400`, which JSON does not allow.

RFC 8259 §6 has no such numbers. Only bodies of types that could contain one are checked, and invalid bodies of all
types; only bodies that may contain one are parsed a second time.
"""

import json
from math import isfinite
from typing import Any, NoReturn

from signette._patterns import lazy_pattern
from signette.declarative.core_schema.walk import Node, children
from signette.exceptions import HTTPException

_LEAVES = frozenset({"str", "int", "bool", "none", "bytes", "date", "time", "datetime", "timedelta", "uuid", "url",
                     "multi-host-url", "literal", "enum", "decimal", "missing-sentinel"})  # fmt: skip
# A collection without a schema for its items accepts a float.
_CONTAINERS = {"list": "items_schema", "set": "items_schema", "frozenset": "items_schema", "tuple": "items_schema",
               "deque": "items_schema", "dict": "values_schema", "frozendict": "values_schema",
               "ordered-dict": "values_schema"}  # fmt: skip
_LOOSE = frozenset({"any", "float", "complex", "generator", "function-plain", "json", "is-instance"})

_DIGITS_AND_E = bytes.maketrans(b"123456789E", b"000000000e")
# The largest float has 309 digits: an infinity has an exponent of three digits, or more digits than `_LONG`.
_LARGE = lazy_pattern(rb"0e\+?0{3}")
_LONG = b"0" * 200


def may_contain_non_finite(core_schema: Any) -> bool:
    """Whether a value of this schema could contain NaN or an infinity."""
    waiting: list[Node] = [core_schema]
    while waiting:
        each = waiting.pop()
        kind = each.get("type")
        if kind in _LEAVES or (kind == "float" and each.get("allow_inf_nan") is False):
            continue
        if kind in _LOOSE or (kind in _CONTAINERS and _CONTAINERS[kind] not in each):
            return True
        if _keeps_any_extra(each):
            return True
        waiting += [child for _, _, child in children(each)]
    return False


def _keeps_any_extra(node: Node) -> bool:
    config = node.get("config") or {}
    if "allow" not in (node.get("extra_behavior"), config.get("extra_fields_behavior")):
        return False
    return "extras_schema" not in node and "extras_schema" not in node.get("schema", {})


def reject_non_finite(body: bytes, *, may_be_float: bool = True) -> None:
    """Raise HTTPException 400 if a JSON body contains NaN or an infinity.

    A body that is not valid JSON is left to the validator. Without `may_be_float`, integers may have any size.
    """
    if not has_suspect_number(body):
        return
    parse_int = _reject_large if may_be_float else None
    try:
        json.loads(body, parse_constant=_reject_word, parse_float=_reject_large, parse_int=parse_int)
    except (ValueError, RecursionError):
        return


def has_suspect_number(body: bytes) -> bool:
    """Whether a JSON body may contain NaN or an infinity. Does not parse it."""
    digits = body.translate(_DIGITS_AND_E)
    # PERF: most bodies have neither of the words, no such exponent, and no such row of digits. `in` takes twice as long
    # as `find`: it first makes and drops an exception, because bytes are no number.
    large = (digits.find(b"0e") >= 0 and _LARGE.search(digits) is not None) or digits.find(_LONG) >= 0
    return large or body.find(b"NaN") >= 0 or body.find(b"Infinity") >= 0


def _reject_word(word: str) -> NoReturn:
    raise HTTPException(400, f"Invalid JSON: {word.removeprefix('-')} is not a valid number")


def _reject_large(digits: str) -> None:
    if not isfinite(float(digits)):
        raise HTTPException(400, "Invalid JSON: a number is out of range")

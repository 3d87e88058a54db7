"""Numbers that are none: pydantic reads `NaN`, `Infinity` and `1e400` in JSON, which cannot be told as JSON again.

RFC 8259 §6 knows no such number. Only a type that could keep one is looked at, and only a body that may hold one is
parsed a second time.
"""

import json
import re
from math import isfinite
from typing import Any, NoReturn

from signette.declarative.core_schema.walk import Node, children
from signette.exceptions import HTTPException

_LEAVES = frozenset({"str", "int", "bool", "none", "bytes", "date", "time", "datetime", "timedelta", "uuid", "url",
                     "multi-host-url", "literal", "enum", "decimal", "missing-sentinel"})  # fmt: skip
# What says of its items nothing more than that they are there lets a float through.
_CONTAINERS = {"list": "items_schema", "set": "items_schema", "frozenset": "items_schema", "tuple": "items_schema",
               "deque": "items_schema", "dict": "values_schema", "frozendict": "values_schema",
               "ordered-dict": "values_schema"}  # fmt: skip
_LOOSE = frozenset({"any", "float", "complex", "generator", "function-plain", "json", "is-instance"})

_DIGITS_AND_E = bytes.maketrans(b"123456789E", b"000000000e")
# The largest float has 309 digits: it takes an exponent of three, or more digits than these.
_LARGE = re.compile(rb"0e\+?0{3}")
_LONG = b"0" * 200


def may_keep_one(core_schema: Any) -> bool:
    """Whether a value of this schema could hold a float that is no number."""
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


def refuse_not_finite(body: bytes) -> None:
    """Leave what is no JSON at all to the check.

    Raises HTTPException 400 where the JSON holds what is no number.
    """
    alike = body.translate(_DIGITS_AND_E)
    # PERF: most bodies hold neither of the words, no such exponent, and no such row of digits.
    large = (b"0e" in alike and _LARGE.search(alike)) or _LONG in alike
    if not large and b"NaN" not in body and b"Infinity" not in body:
        return
    try:
        json.loads(body, parse_constant=_refuse_word, parse_float=_refuse_large, parse_int=_refuse_large)
    except (ValueError, RecursionError):
        return


def _refuse_word(word: str) -> NoReturn:
    raise HTTPException(400, f"Invalid JSON: {word.removeprefix('-')} is no number")


def _refuse_large(digits: str) -> None:
    if not isfinite(float(digits)):
        raise HTTPException(400, "Invalid JSON: a number is out of range")

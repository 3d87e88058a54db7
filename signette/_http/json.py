"""JSON with the results of the standard library at the speed of orjson.

Theory of operation. orjson writes NaN as null, rejects integers over 64 bits and keys that are not strings, and reads
integers over 64 bits as floats. The first and the last can be seen in the bytes ("null" in the output, a long sequence
of digits in the input), so that most values need no further check. Values that orjson rejects are written by the
standard library.
"""

import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from math import isfinite
from typing import Any

import orjson

Default = Callable[[Any], Any]

# For generated code, which calls orjson directly: `raw_dumps(value, default, AS_GIVEN)` is `dumps_lenient`.
raw_dumps = orjson.dumps

OUT_OF_RANGE = "Out of range float values are not JSON compliant"
AS_GIVEN = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
# Times are not written by orjson: 3.13 writes 0.01 seconds of a `time` as `.10000`.
_WRITTEN = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
_SAME_DIGIT = bytes.maketrans(b"123456789", b"000000000")
_LONG_INTEGER = b"0" * 19  # 2**63 has 19 digits
# As deep as pydantic-core reads. orjson writes deeper values, so that a result may wrap a value that was sent.
MAX_LEVELS = 200
_WRITTEN_LEVELS = 254
_BOM = b"\xef\xbb\xbf"
# Exact types that contain neither a float nor other values.
_FLOATLESS = frozenset({str, int, bool, type(None)})


# A string, up to its closing quote or the end of the text, so that invalid JSON takes no longer than valid JSON.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)', re.DOTALL)
_SPACE = b" \t\r\n"


def has_more_values(text: bytes, limit: int) -> bool:
    """Whether a JSON text has more than `limit` values: scalars, arrays and objects.

    The names of an object's members do not count. Does not parse the text.
    """
    # PERF: a value has at least two bytes, and ends at a comma or with its container. At most four passes in C.
    if len(text) < 2 * limit or 1 + _separators(text) <= limit:
        return False
    outside = _STRING.sub(b"0", text).translate(None, _SPACE)
    return 1 + _separators(outside) - outside.count(b"[]") - outside.count(b"{}") > limit


def _separators(text: bytes) -> int:
    return text.count(b",") + text.count(b"[") + text.count(b"{")


def dumps(value: Any) -> bytes:
    """Compact JSON in UTF-8. Supports the types of the standard library's `json`, and these, as pydantic writes them.

    Dates, times, UUIDs, decimals: strings. Durations: ISO 8601 strings. Sets and deques: arrays. Enums: their values.
    Dataclasses: objects, without fields that begin with an underscore.

    Raises:
        TypeError: a value is not JSON-serializable.
        ValueError: NaN or an infinity, a circular reference, or deeper nesting than the interpreter's stack allows.
    """
    try:
        text = orjson.dumps(value, _unknown_to_orjson, _WRITTEN)
    except orjson.JSONEncodeError:
        return _dumps_slowly(value)
    if text.find(b"null") >= 0:  # PERF: half of what `in` costs
        _reject_nan(value)
    return text


def dumps_lenient(value: Any, default: Default) -> bytes:
    """Compact JSON in UTF-8, with null for NaN and infinities. Calls `default` for values of all but plain JSON types.

    Subclasses of the plain types, dates and dataclasses are passed to `default`, too.

    Raises:
        TypeError: `default` raised it, a key is not a string, or an integer needs more than 64 bits.
    """
    return orjson.dumps(value, default, AS_GIVEN)


def lenient_dumper(default: Default) -> Callable[[Any], bytes]:
    """`dumps_lenient` with a fixed `default`, as one call into C for each value."""
    return partial(orjson.dumps, default=default, option=AS_GIVEN)


def loads(data: bytes | bytearray | memoryview | str) -> Any:
    """The value of a JSON text, with exact integers of any size.

    Skips a byte order mark (RFC 8259 §8.1).

    Raises:
        ValueError: invalid JSON or UTF-8, a lone surrogate, a number too large for a float, more than 1,024 levels.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)
    raw = raw.removeprefix(_BOM)
    value = orjson.loads(raw)
    # PERF: this search for 19 digits costs a fifth of the parsing, a regular expression three times the parsing.
    return value if raw.translate(_SAME_DIGIT).find(_LONG_INTEGER) < 0 else _loads_long_integers(raw)


def loads_request(data: bytes | bytearray | memoryview | str) -> Any:
    """`loads` for request bodies: at most `MAX_LEVELS` deep, so that a response may contain the value.

    Raises:
        ValueError: as `loads`, and for deeper nesting.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)
    raw = raw.removeprefix(_BOM)
    value = orjson.loads(raw)
    if len(raw) > 2 * MAX_LEVELS and raw.count(b"[") + raw.count(b"{") > MAX_LEVELS:
        _reject_depth(value)
    return value if raw.translate(_SAME_DIGIT).find(_LONG_INTEGER) < 0 else _loads_long_integers(raw)


def _reject_depth(value: Any) -> None:
    """Raise ValueError if the value has more than `MAX_LEVELS` levels."""
    for _ in range(_WRITTEN_LEVELS - MAX_LEVELS):
        value = [value]
    try:
        # PERF: half of what the parsing costs; walking through the value in Python costs four times as much as that.
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        raise json.JSONDecodeError(f"more than {MAX_LEVELS} levels of nesting", "", 0) from None


def _loads_long_integers(raw: bytes) -> Any:
    """Parse again, as orjson reads integers over 64 bits as floats. orjson has accepted the text."""
    try:
        return json.loads(str(raw, "utf-8"))
    except RecursionError:
        raise ValueError("JSON is nested too deeply") from None


def _dumps_slowly(value: Any) -> bytes:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_known_to_orjson)
    except RecursionError:
        raise ValueError("the value is nested too deeply for JSON") from None
    # A lone surrogate cannot be encoded, and becomes its JSON escape, which is also Python's.
    return text.encode("utf-8", "backslashreplace")


def _known_to_orjson(value: Any) -> Any:
    """The value that orjson writes for one that the standard library cannot serialize."""
    if isinstance(value, Enum):
        return value.value
    try:
        return orjson.loads(orjson.dumps(value, option=_WRITTEN))
    except orjson.JSONEncodeError:
        return _unknown_to_orjson(value)


def _unknown_to_orjson(value: Any) -> Any:
    """The serializable value for one that orjson cannot serialize."""
    if isinstance(value, date | time):
        text = value.isoformat()
        return f"{text[:-6]}Z" if text.endswith("+00:00") else text
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset | deque):
        return list(value)
    if isinstance(value, timedelta):
        return _duration(value)
    return _fields_of(value)


def _duration(value: timedelta) -> str:
    """A duration in ISO 8601, with years of 365 days."""
    sign, value = ("-", -value) if value.days < 0 else ("", value)
    years, days = divmod(value.days, 365)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    precise = f"{seconds}.{value.microseconds:06}".rstrip("0") if value.microseconds else seconds
    date = "".join(f"{number}{unit}" for number, unit in ((years, "Y"), (days, "D")) if number)
    clock = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (precise, "S")) if number)
    return f"{sign}P{date}T{clock}" if clock else f"{sign}P{date}" if date else "PT0S"


def _fields_of(value: Any) -> dict[str, Any]:
    """The fields of a dataclass instance, without those that begin with an underscore or have no value yet.

    Not done by orjson, which also writes attributes that are not fields, and crashes on a slot without a value.
    """
    if isinstance(value, type) or not is_dataclass(value):
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    names = [field.name for field in fields(value) if field.name[0] != "_"]
    return {name: getattr(value, name) for name in names if hasattr(value, name)}


def _reject_nan(value: Any) -> None:
    """Raise ValueError for a float that is NaN or infinite. The value has no circular reference: orjson wrote it."""
    level: list[Any] = [value]
    # PERF: level by level, so that C checks most values: three times as fast as the standard encoder.
    while not _FLOATLESS.issuperset(map(type, level)):
        rest = [item for item in level if type(item) not in _FLOATLESS]
        level = []
        for item in rest:
            if isinstance(item, float):
                if not isfinite(item):
                    raise ValueError(OUT_OF_RANGE)
            elif isinstance(item, dict):
                level += item.values()
            elif isinstance(item, list | tuple | set | frozenset | deque):
                level += item
            elif isinstance(item, Enum):
                level.append(item.value)
            elif is_dataclass(item):
                level += _fields_of(item).values()

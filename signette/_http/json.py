"""JSON in and out: by orjson where it says the same as the standard library, by the standard library where not.

orjson writes NaN as null, refuses integers over 64 bits and keys that are no text, and reads integers over 64
bits as floats. Each of these leaves a mark in the bytes ("null" in what was written, a long row of digits in what is
read), so that ordinary values pay next to nothing. What orjson refuses goes to the standard library.
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

# For generated code, which calls orjson in place: `raw_dumps(value, default, AS_GIVEN)` is `dumps_lenient`.
raw_dumps = orjson.dumps

OUT_OF_RANGE = "Out of range float values are not JSON compliant"
AS_GIVEN = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
# Times are not left to orjson: 3.13 writes 0.01 seconds of a `time` as `.10000`.
_WRITTEN = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
_SAME_DIGIT = bytes.maketrans(b"123456789", b"000000000")
_LONG_INTEGER = b"0" * 19  # 2**63 has 19 digits
# As many as pydantic-core reads of any shape. orjson writes more, so that a result may have levels of its own around
# what was sent.
MOST_LEVELS = 200
_WRITTEN_LEVELS = 254
_BOM = b"\xef\xbb\xbf"
# Types that hold neither a float nor anything else. Looked up by exact type, a whole container at once.
_FLOATLESS = frozenset({str, int, bool, type(None)})


# A string to its end, or to that of the text: what is no JSON takes no longer.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)', re.DOTALL)
_SPACE = b" \t\r\n"


def has_more_values(text: bytes, most: int) -> bool:
    """Whether a JSON text has more than `most` values: texts, numbers and the like, and each array and object.

    The names of an object's members do not count. Nothing is parsed.
    """
    # PERF: a value takes two bytes at least, and ends at a comma or with what it stands in. Four looks by C at most.
    if len(text) < 2 * most or 1 + _separators(text) <= most:
        return False
    outside = _STRING.sub(b"0", text).translate(None, _SPACE)
    return 1 + _separators(outside) - outside.count(b"[]") - outside.count(b"{}") > most


def _separators(text: bytes) -> int:
    return text.count(b",") + text.count(b"[") + text.count(b"{")


def dumps(value: Any) -> bytes:
    """Compact JSON in UTF-8, of the standard library's values and these, written as pydantic writes them.

    Dates, times, UUIDs: texts. Durations: texts of ISO 8601. Decimal: a text, or a reader would make a float of it.
    Sets and deques: lists. Enums: their values. Dataclasses: objects, without fields that begin with an underscore.

    Raises:
        TypeError: a value that JSON has no shape for.
        ValueError: NaN or an infinity, a circle, or deeper nesting than the interpreter's stack takes.
    """
    try:
        text = orjson.dumps(value, _unknown_to_orjson, _WRITTEN)
    except orjson.JSONEncodeError:
        return _dumps_slowly(value)
    if text.find(b"null") >= 0:  # PERF: half of what `in` costs
        _refuse_nan(value)
    return text


def dumps_lenient(value: Any, default: Default) -> bytes:
    """Compact JSON in UTF-8, NaN and infinities as null; `default` is asked for all that is no plain JSON type.

    Subclasses of the plain types, dates and dataclasses are also given to `default`.

    Raises:
        TypeError: `default` refused, a key is no text, or an integer needs more than 64 bits.
    """
    return orjson.dumps(value, default, AS_GIVEN)


def lenient_dumper(default: Default) -> Callable[[Any], bytes]:
    """`dumps_lenient` with its `default` given once, as one call into C for each value."""
    return partial(orjson.dumps, default=default, option=AS_GIVEN)


def loads(data: bytes | bytearray | memoryview | str) -> Any:
    """The value of a JSON text, integers over 64 bits included.

    A byte order mark before it is skipped (RFC 8259 §8.1).

    Raises:
        ValueError: no JSON, no UTF-8, a lone surrogate, a number too big for a float, over 1,024 levels.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)
    raw = raw.removeprefix(_BOM)
    value = orjson.loads(raw)
    # PERF: to look for 19 digits like this costs a fifth of the parsing, by a regular expression three times as much
    # as the parsing.
    return value if raw.translate(_SAME_DIGIT).find(_LONG_INTEGER) < 0 else _loads_long_integers(raw)


def loads_request(data: bytes | bytearray | memoryview | str) -> Any:
    """`loads` for what a client sent: at most `MOST_LEVELS` deep, so that each result that holds it can be written.

    Raises:
        ValueError: as `loads`, and for deeper nesting.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)
    raw = raw.removeprefix(_BOM)
    value = orjson.loads(raw)
    if len(raw) > 2 * MOST_LEVELS and raw.count(b"[") + raw.count(b"{") > MOST_LEVELS:
        _refuse_depth(value)
    return value if raw.translate(_SAME_DIGIT).find(_LONG_INTEGER) < 0 else _loads_long_integers(raw)


def _refuse_depth(value: Any) -> None:
    """Raise ValueError for more than `MOST_LEVELS` levels."""
    for _ in range(_WRITTEN_LEVELS - MOST_LEVELS):
        value = [value]
    try:
        # PERF: half of what the parsing costs; to walk through the value in Python costs four times as much as that.
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        raise json.JSONDecodeError(f"more than {MOST_LEVELS} levels of nesting", "", 0) from None


def _loads_long_integers(raw: bytes) -> Any:
    """Read again what orjson found to be valid: it makes floats of integers over 64 bits."""
    try:
        return json.loads(str(raw, "utf-8"))
    except RecursionError:
        raise ValueError("JSON is nested too deeply") from None


def _dumps_slowly(value: Any) -> bytes:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_known_to_orjson)
    except RecursionError:
        raise ValueError("the value is nested too deeply for JSON") from None
    # A lone surrogate, which has no UTF-8, becomes its JSON escape: Python happens to write it the same way.
    return text.encode("utf-8", "backslashreplace")


def _known_to_orjson(value: Any) -> Any:
    """What orjson would have written for a value that the standard library has no shape for."""
    if isinstance(value, Enum):
        return value.value
    try:
        return orjson.loads(orjson.dumps(value, option=_WRITTEN))
    except orjson.JSONEncodeError:
        return _unknown_to_orjson(value)


def _unknown_to_orjson(value: Any) -> Any:
    """Simpler values for one that orjson has no shape for."""
    if isinstance(value, date | time):
        text = value.isoformat()
        return f"{text[:-6]}Z" if text.endswith("+00:00") else text
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset | deque):
        return list(value)
    if isinstance(value, timedelta):
        return _duration(value)
    return _opened(value)


def _duration(value: timedelta) -> str:
    """ISO 8601, with years of 365 days."""
    sign, value = ("-", -value) if value.days < 0 else ("", value)
    years, days = divmod(value.days, 365)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    precise = f"{seconds}.{value.microseconds:06}".rstrip("0") if value.microseconds else seconds
    date = "".join(f"{number}{unit}" for number, unit in ((years, "Y"), (days, "D")) if number)
    clock = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (precise, "S")) if number)
    return f"{sign}P{date}T{clock}" if clock else f"{sign}P{date}" if date else "PT0S"


def _opened(value: Any) -> dict[str, Any]:
    """The fields of a dataclass instance; what has a leading underscore, or no value yet, stays inside.

    Not left to orjson: it also writes attributes that are no fields, and dies of a slot without a value.
    """
    if isinstance(value, type) or not is_dataclass(value):
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    names = [field.name for field in fields(value) if field.name[0] != "_"]
    return {name: getattr(value, name) for name in names if hasattr(value, name)}


def _refuse_nan(value: Any) -> None:
    """Raise ValueError for a float that is NaN or infinite. orjson has written the value, so it is no circle."""
    level: list[Any] = [value]
    # PERF: level by level, so that most values are only looked at by C: three times as fast as the standard encoder.
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
                level += _opened(item).values()

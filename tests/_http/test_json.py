import json
import math
import re
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from signette._http.json import MAX_LEVELS, dumps, dumps_lenient, has_more_values, loads, loads_request

ANY_TEXT = st.text()  # without lone surrogates
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
KEYS = ANY_TEXT | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False)


def json_values(keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | NUMBERS | ANY_TEXT,
        lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(keys, inner),
        max_leaves=20,
    )


class Color(Enum):
    RED = "red"
    NOTHING = math.nan


class Level(IntEnum):
    HIGH = 3


class Name(StrEnum):
    ADA = "ada"


class Point(NamedTuple):
    x: int
    y: int


@dataclass
class Row:
    id: int
    score: float | None = None
    _hidden: int = 0


@dataclass(slots=True)
class Unfinished:
    id: int
    later: int = field(init=False)


class Text(str):  # a key that orjson rejects
    __slots__ = ()


@given(json_values(KEYS))
def test_output_is_equal_to_that_of_the_standard_library(value):
    assert json.loads(dumps(value)) == json.loads(json.dumps(value))


STRING = re.compile(rb'"(\\.|[^"\\])*"')


@given(json_values(ANY_TEXT))
def test_the_bytes_are_compact_utf_8(value):
    assert json.dumps(json.loads(dumps(value)), ensure_ascii=False, separators=(",", ":")) == json.dumps(
        value, ensure_ascii=False, separators=(",", ":")
    )
    # Not by length: numbers may be spelt otherwise (0.00001 for 1e-05).
    assert not re.search(rb"\s", STRING.sub(b"", dumps(value)))


@given(json_values(ANY_TEXT))
def test_values_are_parsed_back(value):
    text = json.dumps(value)
    assert loads(text) == loads(text.encode()) == json.loads(text)
    assert loads(dumps(value)) == json.loads(text)


@given(st.integers(min_value=-(10**300), max_value=10**300))
def test_integers_of_any_size_stay_integers(number):
    value = loads(dumps({"n": [number]}))["n"][0]
    assert value == number
    assert type(value) is int


@given(st.binary())
def test_any_bytes_are_a_value_or_a_value_error(data):
    try:
        loads(data)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            json.loads(data.decode("utf-8").removeprefix("\ufeff"), parse_constant=_reject)
    else:
        json.loads(data.removeprefix(b"\xef\xbb\xbf"))


def _reject(constant: str) -> None:
    raise ValueError(constant)


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b" ",
        b"{",
        b"[1,]",
        b"{'a':1}",
        b"NaN",
        b"-Infinity",
        b"1e400",
        b"9" * 5000,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'"\xff"',
        b'"\\ud800"',
        b'"\x01"',
        b"\xef\xbb\xbf" * 2 + b"1",
        "[1]".encode("utf-16"),
        b"[" * 1020 + b"1" * 30 + b"]" * 1019,
    ],
)
def test_invalid_json_raises_a_value_error(bad):
    with pytest.raises(ValueError, match=r"."):
        loads(bad)


DEEP = {
    "lists": lambda levels: "[" * levels + "]" * levels,
    "objects": lambda levels: '{"a":' * (levels - 1) + "{}" + "}" * (levels - 1),
    "lists in objects": lambda levels: '{"a":[' * (levels // 2) + "[]" * (levels % 2) + "]}" * (levels // 2),
    "behind much else": lambda levels: f"[{'[],' * 500}{'[' * (levels - 1)}{']' * (levels - 1)}]",
    "around a long integer": lambda levels: "[" * levels + "1" * 30 + "]" * levels,
}


@pytest.mark.parametrize("shape", DEEP)
def test_a_request_has_at_most_200_levels(shape):
    assert loads_request(DEEP[shape](MAX_LEVELS)) == loads(DEEP[shape](MAX_LEVELS))
    for levels in (MAX_LEVELS + 1, 254, 255, 1000, 1025, 100_000):
        with pytest.raises(ValueError, match=r"."):
            loads_request(DEEP[shape](levels).encode())


@pytest.mark.parametrize("shape", DEEP)
def test_a_value_within_the_depth_limit_can_be_wrapped_in_a_response(shape):
    value = loads_request(DEEP[shape](MAX_LEVELS))
    for _ in range(50):
        value = {"a": value}
    assert loads(dumps(value)) == value
    if shape != "around a long integer":
        assert loads(dumps_lenient(value, str)) == value


@pytest.mark.parametrize(
    "text", ['["[[[[", "{{{{"]', "[" + "[]," * 1000 + "[]]", '{"a": 1}', "1", '"' + "[" * 1000 + '"']
)
def test_brackets_are_no_levels_by_themselves(text):
    assert loads_request(text) == loads(text)


def test_text_with_a_lone_surrogate_raises_a_value_error():
    with pytest.raises(ValueError, match=r"."):
        loads('"\ud800"')


def test_long_integers_in_deep_lists_are_parsed_or_rejected():
    data = b"[" * 1000 + b"18446744073709551616" + b"]" * 1000
    try:
        value = loads(data)
    except ValueError as error:
        assert "nested too deeply" in str(error)  # noqa: PT017 - how deep Python's own parser goes, its version says
    else:
        for _ in range(1000):
            (value,) = value
        assert value == 2**64


def test_a_byte_order_mark_is_skipped():
    assert loads(b"\xef\xbb\xbf[1]") == [1]
    assert loads("\ufeff[1]") == [1]


def test_memory_views_and_byte_arrays_are_read():
    assert loads(memoryview(b"[1]")) == [1]
    assert loads(bytearray(b"[1]")) == [1]


def test_the_last_of_equal_keys_wins():
    assert loads('{"a":1,"a":2}') == {"a": 2}
    assert loads('{"a":18446744073709551616,"a":18446744073709551617}') == {"a": 2**64 + 1}


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda x: x,
        lambda x: [1, x],
        lambda x: {"a": {"b": (None, x)}},
        lambda x: {"big": 2**64, "x": x},
        lambda x: Row(1, x),
        lambda x: [[Row(1, x)]],
    ],
)
def test_nan_and_infinities_are_rejected(number, wrap):
    with pytest.raises(ValueError, match=r"^Out of range float values are not JSON compliant"):
        dumps(wrap(number))


def test_an_enum_member_may_not_be_nan_either():
    with pytest.raises(ValueError, match="Out of range"):
        dumps([Color.NOTHING])


@pytest.mark.parametrize(
    "fine", [None, [None, 1.5], {"a": "null"}, "null", [{"x": None, "y": [1.0, {"z": 2.5}]}], [Row(1, None)]]
)
def test_null_is_not_mistaken_for_nan(fine):
    dumps(fine)


def test_circular_references_are_rejected():
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="Circular reference"):
        dumps(circle)


def test_deep_values_are_written_or_rejected():
    value: Any = 1
    for _ in range(500):
        value = [value]
    assert dumps(value) == b"[" * 500 + b"1" + b"]" * 500
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ValueError, match="nested too deeply"):
        dumps(value)


def test_lone_surrogates_are_written_as_escapes():
    assert dumps({"é\ud800": 1}) == '{"é\\ud800":1}'.encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({1: "a", False: "b", None: "c", 1.5: "d"}, '{"1":"a","false":"b","null":"c","1.5":"d"}'),
        ({Text("k"): Text("v")}, '{"k":"v"}'),
        (Point(1, 2), "[1,2]"),
        ([Color.RED, Level.HIGH, Name.ADA], '["red",3,"ada"]'),
        ({Name.ADA: 1, Level.HIGH: 2}, '{"ada":1,"3":2}'),
        (datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=UTC), '"2024-01-02T03:04:05.000006Z"'),
        ([date(2024, 1, 2), time(3, 4)], '["2024-01-02","03:04:00"]'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (Row(1), '{"id":1,"score":null}'),
        (Unfinished(1), '{"id":1}'),
        (Decimal("1.50"), '"1.50"'),
        ([Decimal("1E+5"), Decimal("NaN")], '["1E+5","NaN"]'),
        (deque([None, {Decimal(1)}, frozenset("a")]), '[null,["1"],["a"]]'),
        ([timedelta(days=1, seconds=3.5), timedelta(0), timedelta(hours=-1)], '["P1DT3.5S","PT0S","-PT1H"]'),
        ([time(1, tzinfo=UTC), time(0, 0, 0, 10_000)], '["01:00:00Z","00:00:00.010000"]'),
    ],
)
def test_values_beyond_plain_json_have_a_shape(value, text):
    assert dumps(value) == text.encode()
    # The standard library, which is used for a long integer, writes the same.
    assert dumps([value, 2**70]) == f"[{text},{2**70}]".encode()


@pytest.mark.parametrize("unknown", [object(), 1j, b"x", Row, [2**70, object()], {Row}, {(1,): 2}])
def test_a_value_that_is_not_json_serializable_raises_a_type_error(unknown):
    with pytest.raises(TypeError, match=r"is not JSON serializable|keys must be"):
        dumps(unknown)


def test_the_lenient_writer_makes_null_of_nan_and_asks_for_the_rest():
    assert dumps_lenient([math.nan, {3}, date(2024, 1, 2), Row(1), Text("s")], lambda value: type(value).__name__) == (
        b'[null,"set","date","Row","Text"]'
    )


OFFSETS = st.sampled_from([None, UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-3, minutes=-30))])
KNOWN = (
    st.decimals().filter(lambda number: not number.is_snan())
    | st.dates()
    | st.datetimes(timezones=OFFSETS)
    | st.times(timezones=OFFSETS)
    | st.timedeltas()
    | st.uuids()
    | st.sampled_from([Level.HIGH, Name.ADA, Color.RED])
    | st.integers()
    | st.text(max_size=5)
)
MADE_OF = st.recursive(
    KNOWN,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(deque)
        | st.dictionaries(ANY_TEXT, inner)
        | st.tuples(inner, inner)
        | st.sets(KNOWN, max_size=1)
        | st.frozensets(KNOWN, max_size=1)
        | inner.map(lambda value: Row(1, value))
    ),
    max_leaves=10,
)
PYDANTIC = TypeAdapter(Any)


def revealed(value: Any) -> Any:
    """The value with plain objects for its dataclasses: for `Any`, pydantic writes hidden fields, too."""
    if isinstance(value, Row):
        return {"id": value.id, "score": revealed(value.score)}
    if isinstance(value, dict):
        return {key: revealed(inner) for key, inner in value.items()}
    return [revealed(inner) for inner in value] if isinstance(value, list | tuple | deque) else value


@given(MADE_OF)
def test_other_types_are_written_as_in_a_typed_endpoint(value: Any) -> None:
    assert json.loads(dumps(value)) == json.loads(PYDANTIC.dump_json(revealed(value)))


@pytest.mark.parametrize("value", [{math.nan}, [deque([math.inf])], {2**70: frozenset([math.nan])}])
def test_nan_and_infinities_are_rejected_in_sets_and_deques_too(value: Any) -> None:
    with pytest.raises(ValueError, match="Out of range"):
        dumps(value)


def values_in(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(values_in, inside))


@given(json_values(ANY_TEXT), st.sampled_from([None, 2]))
def test_values_are_counted_as_a_parser_counts_them(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    count = values_in(json.loads(text))
    assert not has_more_values(text.encode(), count)
    assert has_more_values(text.encode(), count - 1)

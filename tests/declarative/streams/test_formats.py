"""How items are found in a body: against other parsers, and however the body is cut."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from signette import Items
from signette.declarative.streams import array
from signette.declarative.streams.formats import ARRAY, CSV, FORMATS, LINES, SEQUENCE, StreamFormat
from tests.declarative.streams.bodies import PLACES, Outcome, Reading, Tree, cut, outcome_of
from tests.volume import examples

TEXTS = st.text(st.sampled_from('ab"\\,:{}[] \n\r\té\x1e1'), max_size=6)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-99, 99), st.floats(-9, 9), TEXTS)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)
SPACE = st.sampled_from(["", " ", "\n", "\r\n\t "])


@st.composite
def arrays(draw: st.DrawFn, items: st.SearchStrategy[Any] = JSON) -> bytes:
    """An array, with white space where it may be."""
    values = draw(st.lists(items, max_size=6))
    compact = draw(st.booleans())
    texts = [json.dumps(each, separators=(",", ":") if compact else None, indent=draw(st.sampled_from([None, 1])),
                        ensure_ascii=draw(st.booleans())) for each in values]  # fmt: skip
    before, after = draw(SPACE), draw(SPACE)
    return f"{before}[{before}{f'{after},{before}'.join(texts)}{after}]{after}".encode()


@st.composite
def damaged(draw: st.DrawFn, bodies: st.SearchStrategy[bytes]) -> bytes:
    """A body with bytes removed or put in."""
    body = draw(bodies)
    at, count = draw(st.integers(0, len(body))), draw(st.integers(0, 3))
    return body[:at] + draw(st.binary(max_size=2) | st.sampled_from([b"]", b",", b"}", b'"', b"\\", b"\n"])) + body[
        at + count :
    ]  # fmt: skip


def by_pydantic(item: Any, body: bytes) -> list[Any] | str:
    """The items of an array, or the code of its first error."""
    try:
        return TypeAdapter(list[item]).validate_json(body)
    except ValidationError as exc:
        return str(exc.errors()[0]["type"])


@settings(max_examples=examples(100), deadline=None)
@given(body=arrays() | damaged(arrays()), places=PLACES)
def test_an_array_has_the_items_that_pydantic_finds(body: bytes, places: list[int]) -> None:
    expected = by_pydantic(Any, body)
    outcome = outcome_of(ARRAY, Any, cut(body, places))
    if isinstance(expected, str):
        assert outcome.status == 400
    else:
        assert (outcome.status, outcome.values) == (200, expected)


TREES = st.recursive(
    st.fixed_dictionaries({"name": TEXTS}, optional={"labels": st.dictionaries(TEXTS, st.lists(st.integers()))}),
    lambda inner: st.fixed_dictionaries({"name": TEXTS | st.integers(0, 1), "parts": st.lists(inner, max_size=3)}),
    max_leaves=6,
)


@settings(max_examples=examples(60), deadline=None)
@given(body=arrays(TREES), places=PLACES, repeats=st.integers(1, 40))
def test_guesses_change_nothing(body: bytes, places: list[int], repeats: int) -> None:
    values = json.loads(body) * repeats
    body = json.dumps(values).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(array, "LEAST_TEXT", 8)
        outcome = outcome_of(ARRAY, Tree, cut(body, places))
    expected = by_pydantic(Tree, body)
    if isinstance(expected, str):
        is_valid = [not isinstance(by_pydantic(Tree, json.dumps([each]).encode()), str) for each in values]
        valid = is_valid.index(False)
        assert (outcome.status, len(outcome.values)) == (422, valid)
        assert all(entry["pointer"].startswith(f"/{valid}/") for entry in outcome.errors)
    else:
        assert (outcome.status, outcome.values) == (200, expected)


def test_a_guess_is_one_call_for_many_items(monkeypatch: pytest.MonkeyPatch) -> None:
    accepted: list[int] = []
    accept = array.Array.accept

    def noting(self: array.Array, count: int) -> None:
        accepted.append(count)
        accept(self, count)

    monkeypatch.setattr(array.Array, "accept", noting)
    body = json.dumps([{"station": "a", "value": n} for n in range(2000)]).encode()
    outcome = outcome_of(ARRAY, Reading, cut(body, range(0, len(body), 16_000)))
    assert len(outcome.values) == 2000
    assert sum(accepted) > 1900
    assert len(accepted) < 10


LINE_BODIES = st.lists(JSON.map(json.dumps) | st.sampled_from(["", " ", "\r", "{", "1 2"]), max_size=6).map(
    lambda lines: "\n".join(lines).encode()
)


@settings(max_examples=examples(60), deadline=None)
@given(body=LINE_BODIES, places=PLACES)
def test_each_line_is_an_item(body: bytes, places: list[int]) -> None:
    outcome = outcome_of(LINES, Any, cut(body, places))
    status, values = 200, []
    for line in filter(bytes.strip, body.split(b"\n")):
        try:
            values.append(TypeAdapter(Any).validate_json(line))
        except ValidationError:
            status = 400
            break
    assert (outcome.status, outcome.values) == (status, values)
    assert status == 200 or outcome.detail.startswith(f"item {len(values) + 1}: Invalid JSON")


@settings(max_examples=examples(100), deadline=None)
@given(values=st.lists(JSON, max_size=5), indent=st.sampled_from([None, 2]), places=PLACES)
def test_a_sequence_has_an_item_after_each_separator(values: list[Any], indent: int | None, places: list[int]) -> None:
    body = b"".join(b"\x1e" + json.dumps(each, indent=indent).encode() + b"\n" for each in values)
    outcome = outcome_of(SEQUENCE, Any, cut(body, places))
    assert (outcome.status, outcome.values) == (200, values)


CELLS = st.text(st.sampled_from('ab",\r\n é;'), max_size=5)


@settings(max_examples=examples(60), deadline=None)
@given(
    rows=st.lists(st.tuples(CELLS, st.just("1.5"), CELLS), max_size=6),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    places=PLACES,
)
def test_rows_have_the_cells_that_the_csv_module_finds(rows: Any, end: str, quoting: Any, places: list[int]) -> None:
    if quoting == csv.QUOTE_MINIMAL:  # does not quote a cell with a CR alone, as RFC 4180 asks
        rows = [tuple(cell.replace("\r", "") for cell in row) for row in rows]
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator=end, quoting=quoting)
    writer.writerows([("station", "value", "note"), *rows])
    outcome = outcome_of(CSV, dict[str, str], cut(file.getvalue().encode(), places))
    found = [
        {name: cell for name, cell in row.items() if cell}
        for row in csv.DictReader(io.StringIO(file.getvalue(), newline=""))
    ]
    assert (outcome.status, outcome.values) == (200, found)


@settings(max_examples=examples(250), deadline=None)
@given(
    found=st.sampled_from(FORMATS),
    body=st.text(st.sampled_from('[]{},:"\\ 1a\n\r\x1e-'), max_size=30).map(str.encode)
    | st.binary(max_size=20)
    | damaged(arrays(st.just({"station": "a", "value": 1}))),
    first=PLACES,
    second=PLACES,
    items=st.builds(
        Items,
        on_error=st.sampled_from(["fail", "skip", "collect"]),
        max_items=st.none() | st.integers(1, 3),
        max_item_bytes=st.sampled_from([4, 12, 4096]),
    ),
)
def test_how_a_body_is_cut_makes_no_difference(
    found: StreamFormat, body: bytes, first: list[int], second: list[int], items: Items
) -> None:
    outcome = outcome_of(found, Reading, cut(body, first), items)
    assert outcome == outcome_of(found, Reading, cut(body, second), items)
    assert outcome.status in (200, 400, 413, 422)


ARRAYS: list[tuple[bytes, str]] = [
    (b"", "item 1, at byte 0 of the body: expected an array"),
    (b"  ", "item 1, at byte 2 of the body: expected an array"),
    (b"{}", "item 1, at byte 0 of the body: expected an array"),
    (b"[", "item 1, at byte 1 of the body: the array is truncated"),
    (b"[1", "item 1, at byte 2 of the body: the array is truncated"),
    (b"[1,", "item 2, at byte 3 of the body: the array is truncated"),
    (b'["a', "item 1, at byte 3 of the body: the array is truncated"),
    (b'[{"a":"b', "item 1, at byte 8 of the body: the array is truncated"),
    (b"[1,]", "item 2, at byte 3 of the body: expected a value"),
    (b"[,1]", "item 1, at byte 1 of the body: expected a value"),
    (b"[1 2]", "item 2, at byte 3 of the body: expected `,` or `]`"),
    (b"[1}", "item 2, at byte 2 of the body: expected `,` or `]`"),
    (b"[1] 2", "item 2, at byte 4 of the body: unexpected characters after the array"),
]


@pytest.mark.parametrize(("body", "detail"), ARRAYS)
def test_a_malformed_array_has_its_place_in_the_error(body: bytes, detail: str) -> None:
    for chunks in ([body], [body[at : at + 1] for at in range(len(body))]):
        outcome = outcome_of(ARRAY, Any, chunks)
        assert (outcome.status, outcome.detail) == (400, f"Malformed body: {detail}")


TABLES: list[tuple[bytes, int, str]] = [
    (b"", 400, "the header row is missing"),
    (b"a,a\n1,2\n", 400, "the header row needs a different name"),
    (b"a,\n1,2\n", 400, "the header row needs a different name"),
    (b'a,b\n1,"2', 400, "at byte 4 of the body: the row is not valid CSV"),
    (b'a,b\n1,x"2"\n', 400, "at byte 4 of the body: the row is not valid CSV"),
    (b'a,b\n1,"2"x\n', 400, "at byte 4 of the body: the row is not valid CSV"),
    (b"a,b\n1,\xff\n", 400, "at byte 4 of the body: the row is not valid CSV in UTF-8"),
    (b"a,b\r1,2\r", 400, "the row is not valid CSV"),
    (b"a,b\n1,2\n3\n", 422, ""),
]


@pytest.mark.parametrize(("body", "status", "detail"), TABLES)
def test_a_malformed_table_has_its_place_in_the_error(body: bytes, status: int, detail: str) -> None:
    outcome = outcome_of(CSV, dict[str, str], [body])
    assert outcome.status == status
    assert detail in str(outcome.detail)
    if status == 422:
        assert outcome.values == [{"a": "1", "b": "2"}]
        assert outcome.errors == [
            {"in": "body", "pointer": "/1", "code": "wrong_number_of_cells",
             "message": "The row has 1 cells, and the header has 2"},
        ]  # fmt: skip


def test_a_cell_may_be_longer_than_the_csv_module_allows() -> None:
    text = "x" * (csv.field_size_limit() + 1)
    outcome = outcome_of(CSV, dict[str, str], [f'a,b\n"{text}","say ""hi"""\n'.encode()])
    assert outcome.values == [{"a": text, "b": 'say "hi"'}]


SEQUENCES: list[tuple[bytes, Outcome]] = [
    (b"", Outcome()),
    (b"\x1e\x1e1\n\x1e\x1e", Outcome([1])),
    (b"\x1e12", Outcome(status=400, detail="item 1: Invalid JSON: EOF while parsing a value at line 1 column 0")),
    (b'\x1e{"a":1}', Outcome([{"a": 1}])),
    (b"1\n", Outcome(status=400, detail="Malformed body: item 1, at byte 0 of the body: expected a record separator")),
]


@pytest.mark.parametrize(("body", "expected"), SEQUENCES)
def test_the_ends_of_a_sequence(body: bytes, expected: Outcome) -> None:
    assert outcome_of(SEQUENCE, Any, [body]) == expected


PROMPT: list[tuple[StreamFormat, bytes, bytes]] = [
    (LINES, b'{"station":"a"}\n', b'{"station":"b"}'),
    (ARRAY, b'[{"station":"a"}', b',{"station":"b"}]'),
    (SEQUENCE, b'\x1e{"station":"a"}\n', b'\x1e{"station":"b"}\n'),
    (CSV, b"station\na\n", b"b"),
]


@pytest.mark.parametrize(("found", "first", "rest"), PROMPT, ids=[each[0].name for each in PROMPT])
def test_an_item_does_not_wait_for_the_next_one(found: StreamFormat, first: bytes, rest: bytes) -> None:
    seen: list[int] = []

    def chunks() -> Any:
        yield first
        seen.append(1)  # reached when the first item was taken
        yield rest

    outcome = outcome_of(found, Reading, chunks())
    assert [each.station for each in outcome.values] == ["a", "b"]
    assert seen == [1]


@pytest.mark.parametrize("found", FORMATS, ids=lambda each: each.name)
def test_a_byte_order_mark_is_skipped(found: StreamFormat) -> None:
    body = {LINES: b"1", ARRAY: b"[1]", SEQUENCE: b"\x1e1\n", CSV: b"a\n1"}[found]
    expected = outcome_of(found, Any, [body])
    assert expected.status == 200
    body = b"\xef\xbb\xbf" + body
    assert outcome_of(found, Any, [body[at : at + 1] for at in range(len(body))]) == expected

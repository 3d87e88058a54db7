"""Accept: the media type that a client prefers, compared with a plain oracle."""

from dataclasses import dataclass
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette._http.accept import Offer, accept_of, choose_media_type, offer_of

# RFC 9110 §12.5.1, without the last row of its table: that belongs to the example of RFC 7231, which is the second one.
PLAIN_TEXT = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"
HTML = "text/*;q=0.3, text/html;q=0.7, text/html;level=1, text/html;level=2;q=0.4, */*;q=0.5"
WEIGHTS = [
    (PLAIN_TEXT, {"text/plain;format=flowed": 1, "text/plain": 0.7, "text/html": 0.3, "image/jpeg": 0.5,
                  "text/plain;format=fixed": 0.4}),
    (HTML, {"text/html;level=1": 1, "text/html": 0.7, "text/plain": 0.3, "image/jpeg": 0.5, "text/html;level=2": 0.4,
            "text/html;level=3": 0.7}),
]  # fmt: skip


@pytest.mark.parametrize(("header", "weights"), WEIGHTS, ids=["RFC 9110", "RFC 7231"])
def test_the_examples_of_the_rfc_have_the_weights_of_its_table(header: str, weights: dict[str, float]) -> None:
    for one, other in permutations(weights, 2):
        if weights[one] > weights[other]:
            assert chosen(header, one, other) == one
            assert chosen(header, other, one) == one


def chosen(header: str, *media_types: str) -> str | None:
    index = choose_media_type(header, tuple(map(offer_of, media_types)))
    return None if index is None else media_types[index]


JSON, CSV, LINES = "application/json", "text/csv; charset=utf-8", "application/jsonl"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        # more examples of RFC 9110 §12.5.1
        ("audio/*; q=0.2, audio/basic", None),
        ("text/plain; q=0.5, text/html, text/x-dvi; q=0.8, text/x-c", None),
        ("text/csv", CSV),
        ("TEXT/CSV", CSV),
        ("text/*", CSV),
        ("application/*", JSON),
        ("*/*", JSON),
        ("application/jsonl, application/json", JSON),
        ("application/jsonl, application/json;q=0.999", LINES),
        ("application/json;q=0.5, text/csv;q=0.5", JSON),
        # nothing is asked for
        ("", JSON),
        (" ", JSON),
        (",, ,", JSON),
        # weights of zero
        ("application/json;q=0", None),
        ("application/json;q=0, */*", CSV),
        ("*/*;q=0", None),
        ("*/*;q=0, text/csv;q=0.001", CSV),
        ("application/*;q=0, */*;q=0.1", CSV),
        ("text/csv;q=0.000, text/*", None),
        # of equal weights, the most specific range, then the order of the server
        ("text/csv, */*", CSV),
        ("text/*, */*", CSV),
        ("application/*, text/*", JSON),
        # white space, the case of the weight, several fields
        ("text/csv\t;\tq=1 ,application/json ; Q=0.9", CSV),
        ("application/json;q=0.1 , text/csv;q=0.2,", CSV),
        ("application/json;q=1.000,text/csv", JSON),
        # parameters
        ("text/csv;charset=utf-8", CSV),
        ('text/csv;charset="UTF-8"', CSV),
        ("application/json;charset=utf-8", JSON),
        ("text/csv;charset=iso-8859-1", None),
        ("text/csv;header=present", None),
        ("text/csv;header=present, text/csv;q=0.1", CSV),
        ('text/csv;header="a, b", application/jsonl', LINES),
        ('text/csv;header="\\", application/json"', None),
        # invalid ranges and weights are ignored
        ("json", None),
        ("json, text/csv", CSV),
        ("*/json", None),
        ("application/", None),
        ("text/csv;q=high", None),
        ("text/csv;q=-1, application/jsonl;q=0.1", LINES),
        ("text/csv;q=1.1, application/jsonl;q=0.1", LINES),
        ("text/csv;q=2", None),
        ("text/csv q=1", None),
        ("\x00", None),
        # the HTTP client of the Java runtime
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", JSON),
        ("application/json;q=0.33333, text/csv;q=0.33334", CSV),
        # a browser
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", JSON),
    ],
)
def test_a_header_chooses_a_media_type(header: str, expected: str | None) -> None:
    assert chosen(header, JSON, CSV, LINES) == expected


def test_another_name_of_a_media_type_is_the_same_media_type() -> None:
    offers = offer_of(JSON), offer_of(LINES, ("application/x-ndjson",))
    assert choose_media_type("application/x-ndjson", offers) == 1
    assert choose_media_type("application/jsonl;q=0.1, application/x-ndjson;q=0.9, application/json;q=0.5", offers) == 1


def test_the_fields_of_a_request_are_one_list() -> None:
    assert accept_of([(b"accept", b"a/b"), (b"host", b"x"), (b"accept", b"c/d")]) == "a/b, c/d"
    assert accept_of([(b"accept-encoding", b"gzip")]) == ""


def test_a_long_header_is_not_kept() -> None:
    before = cached()
    assert chosen("a/b," * 1000 + "text/csv", JSON, CSV) == CSV
    assert cached() == before


def cached() -> int:
    from signette._http import accept

    return accept._choose.cache_info().currsize


@given(st.text(st.sampled_from('aq/*;=,". \\01\t'), max_size=40) | st.text(max_size=20))
def test_no_header_fails(header: str) -> None:
    assert chosen(header, JSON, CSV) in (JSON, CSV, None)


# -- an oracle: slow, plain, and from the ranges as they were drawn, not from the header -------------------------------

TYPES, SUBTYPES = ("text", "application"), ("csv", "json", "html")
parameters = st.dictionaries(st.sampled_from(["header", "level"]), st.sampled_from(["1", "present"]), max_size=2)
spaces = st.sampled_from(["", " ", "\t", "  "])


@dataclass(frozen=True)
class Drawn:
    """A media range: of which type and subtype, or of any."""

    type: str
    subtype: str
    parameters: dict[str, str]
    weight: float

    def matches(self, name: str, of_offer: dict[str, str]) -> bool:
        type_, subtype = name.split("/")
        if self.type not in ("*", type_) or self.subtype not in ("*", subtype):
            return False
        return all(of_offer.get(key) == value for key, value in self.parameters.items())

    def rank(self) -> tuple[bool, bool, int]:
        return self.type != "*", self.subtype != "*", len(self.parameters)


@st.composite
def ranges(draw: st.DrawFn) -> tuple[Drawn, str]:
    """A media range, and how somebody writes it."""
    type_ = draw(st.sampled_from([*TYPES, "*"]))
    subtype = "*" if type_ == "*" else draw(st.sampled_from([*SUBTYPES, "*"]))
    own, weight = draw(parameters), draw(st.integers(0, 1000)) / 1000
    text = "".join(draw(st.sampled_from([letter, letter.upper()])) for letter in f"{type_}/{subtype}")
    parts = [draw(st.sampled_from([f"{key}={value}", f'{key.upper()}="{value}"'])) for key, value in own.items()]
    if weight < 1 or draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), f"{draw(st.sampled_from('qQ'))}={weight}")
    for part in parts:
        text += f"{draw(spaces)};{draw(spaces)}{part}"
    return Drawn(type_, subtype, own, weight), f"{draw(spaces)}{text}{draw(spaces)}"


@st.composite
def offers(draw: st.DrawFn) -> tuple[list[str], dict[str, str]]:
    """The names of a media type, and its parameters."""
    name = st.tuples(st.sampled_from(TYPES), st.sampled_from(SUBTYPES)).map("/".join)
    return draw(st.lists(name, min_size=1, max_size=2)), draw(parameters)


def expected(drawn: list[Drawn], offered: list[tuple[list[str], dict[str, str]]]) -> int | None:
    if not drawn:
        return 0
    best, best_weight, best_rank = None, 0.0, (False, False, 0)
    for index, (names, of_offer) in enumerate(offered):
        matching = [each for each in drawn for name in names if each.matches(name, of_offer)]
        if not matching:
            continue
        rank = max(each.rank() for each in matching)
        weight = max(each.weight for each in matching if each.rank() == rank)
        if weight > best_weight or (weight == best_weight > 0 and rank > best_rank):
            best, best_weight, best_rank = index, weight, rank
    return best


@given(st.lists(ranges(), max_size=5), st.lists(offers(), min_size=1, max_size=4))
def test_the_oracle_agrees(written: list[tuple[Drawn, str]], offered: list[tuple[list[str], dict[str, str]]]) -> None:
    header = ",".join(text for _, text in written)
    found = tuple(Offer(tuple(names), tuple(of_offer.items())) for names, of_offer in offered)
    assert choose_media_type(header, found) == expected([each for each, _ in written], offered)

"""Accept-Encoding: the coding that a client prefers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette._http.encodings import choose_encoding, prefers_encoding

CODINGS = ("gzip", "br", "identity", "deflate", "*")

weights = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)
spaces = st.sampled_from(["", " ", "\t", "  "])


@st.composite
def items(draw: st.DrawFn) -> tuple[str, float | None, str]:
    """A coding, its weight, and how somebody writes them."""
    coding = draw(st.sampled_from(CODINGS))
    weight = draw(st.none() | weights)
    written = "".join(draw(st.sampled_from([letter, letter.upper()])) for letter in coding)
    if weight is not None:
        text = f"{weight:.3f}".rstrip("0").rstrip(".") if draw(st.booleans()) else f"{weight:.3f}"
        written += f"{draw(spaces)};{draw(spaces)}{draw(st.sampled_from('qQ'))}={text}"
    return coding, weight, f"{draw(spaces)}{written}{draw(spaces)}"


@given(st.lists(items(), max_size=6))
def test_the_chosen_coding_follows_from_the_weights(listed: list[tuple[str, float | None, str]]) -> None:
    first: dict[str, float] = {}
    for coding, weight, _ in listed:
        first.setdefault(coding, 1.0 if weight is None else weight)
    wanted = first.get("gzip", first.get("*", 0.0))
    plain = first.get("identity", first.get("*", 0.0))
    header = ",".join(written for _, _, written in listed)
    assert prefers_encoding(header, "gzip") == (wanted > 0 and wanted >= plain)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("*", True),
        ("x-gzip", True),
        ("gzip;q=0.001", True),
        (", ,gzip", True),
        ("gzip;level=9;q=1", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("gzip;q=0.5, identity", False),
        ("gzip;q=0.5, identity;q=0.5", True),
        ("gzip;q=0, gzip", False),
        ("gzipped", False),
        ("gzip;q=2", False),
        ("gzip;q=", False),
        ("gzip;q=nan", False),
        ("gzip;q=-1", False),
    ],
)
def test_examples_of_accept_encoding(header: str, expected: bool) -> None:
    assert prefers_encoding(header, "gzip") is expected


@given(st.text())
def test_no_text_makes_it_fail(header: str) -> None:
    assert prefers_encoding(header, "gzip") in {True, False}


@given(st.lists(items(), max_size=6), st.permutations(["gzip", "br", "deflate"]))
def test_the_best_is_chosen_and_the_first_among_equals(listed: list[Any], offered: list[str]) -> None:
    header = ",".join(written for _, _, written in listed)
    weights: dict[str, float] = {}
    for coding, weight, _ in listed:
        weights.setdefault(coding, 1.0 if weight is None else weight)
    others = weights.get("*", 0.0)
    liked = [weights.get(coding, others) for coding in offered]
    best = max(liked)
    is_plain = best == 0 or best < weights.get("identity", others)
    assert choose_encoding(header, tuple(offered)) == (None if is_plain else offered[liked.index(best)])


def test_nothing_is_chosen_without_offered_codings() -> None:
    assert choose_encoding("gzip, br, *", ()) is None

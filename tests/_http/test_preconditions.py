"""The order of RFC 9110 section 13.2.2, against an oracle that is written from the text of the RFC.

A field is made from parts that the oracle knows, so that it parses nothing. It is longer than the evaluator and repeats
itself, as the RFC does.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette._http.conditional import (
    FAILED,
    MALFORMED,
    NOT_MODIFIED,
    PERFORM,
    entity_tag,
    evaluate,
    format_http_date,
    format_last_modified,
    is_entity_tag,
    preconditions_of,
)

STAR = "*"


@dataclass(frozen=True)
class Tag:
    """An entity tag (§8.8.3)."""

    opaque: str
    weak: bool = False

    def __str__(self) -> str:
        return f'{"W/" if self.weak else ""}"{self.opaque}"'


@dataclass(frozen=True)
class Tags:
    """A list of entity tags, or a star; None: it is not a list of entity tags."""

    members: tuple[Tag, ...] | str | None
    text: str


@dataclass(frozen=True)
class Date:
    """An HTTP date; None: it is not one."""

    seconds: int | None
    text: str


@dataclass(frozen=True)
class Case:
    """The preconditions of a request, and the state of its target."""

    method: str
    if_match: Tags | None
    if_unmodified_since: Date | None
    if_none_match: Tags | None
    if_modified_since: Date | None
    exists: bool
    etag: Tag | None
    modified: int | None


def strong(one: Tag, other: Tag) -> bool:
    """§8.8.3.2: "two entity tags are equivalent if both are not weak and their opaque-tags match"."""
    return not one.weak and not other.weak and one.opaque == other.opaque


def weak(one: Tag, other: Tag) -> bool:
    """§8.8.3.2: "equivalent if their opaque-tags match character-by-character, regardless of either or both"."""
    return one.opaque == other.opaque


def if_match_is_true(case: Case) -> bool | None:
    """§13.1.1."""
    assert case.if_match is not None
    members = case.if_match.members
    if members is None:
        return None
    if members == STAR:  # "true if the origin server has a current representation for the target resource"
        return case.exists
    # "true if any of the listed tags match the entity tag of the selected representation", by strong comparison
    return case.exists and case.etag is not None and any(strong(each, case.etag) for each in members)


def if_none_match_is_true(case: Case) -> bool | None:
    """§13.1.2."""
    assert case.if_none_match is not None
    members = case.if_none_match.members
    if members is None:
        return None
    if members == STAR:  # "the condition is false if the origin server has a current representation"
        return not case.exists
    # "false if one of the listed tags matches the entity tag of the selected representation", by weak comparison
    if not case.exists or case.etag is None:
        return True
    return not any(weak(each, case.etag) for each in members)


def by_the_rfc(case: Case) -> int:
    """§13.2.2, step by step."""
    if case.method in ("CONNECT", "OPTIONS", "TRACE"):  # §13.2.1
        return PERFORM
    # 1. When recipient is the origin server and If-Match is present, evaluate the If-Match precondition:
    if case.if_match is not None:
        # if true, continue to step 3; if false, respond 412 (Precondition Failed)
        holds = if_match_is_true(case)
        if holds is None:
            return MALFORMED
        if not holds:
            return FAILED
    # 2. When recipient is the origin server, If-Match is not present, and If-Unmodified-Since is present:
    if case.if_match is None and case.if_unmodified_since is not None:
        # §13.1.4: ignored if it is not a valid date, or if the resource has no modification date; true if "the last
        # modification date is earlier than or equal to the date provided"
        since = case.if_unmodified_since.seconds
        if since is not None and case.modified is not None and not case.modified <= since:
            return FAILED
    # 3. When If-None-Match is present:
    if case.if_none_match is not None:
        # if true, continue; if false for GET/HEAD, respond 304; if false for other methods, respond 412
        holds = if_none_match_is_true(case)
        if holds is None:
            return PERFORM if case.method in ("GET", "HEAD") else MALFORMED
        if not holds:
            return NOT_MODIFIED if case.method in ("GET", "HEAD") else FAILED
    # 4. When the method is GET or HEAD, If-None-Match is not present, and If-Modified-Since is present:
    if case.method in ("GET", "HEAD") and case.if_none_match is None and case.if_modified_since is not None:
        # §13.1.3: ignored as in 2; false if "the last modification date is earlier or equal to the date provided"
        since = case.if_modified_since.seconds
        if since is not None and case.modified is not None and case.modified <= since:
            return NOT_MODIFIED
    return PERFORM


def evaluated(case: Case) -> int:
    sent = {
        "If-Match": case.if_match,
        "If-Unmodified-Since": case.if_unmodified_since,
        "If-None-Match": case.if_none_match,
        "If-Modified-Since": case.if_modified_since,
    }
    fields = [(name.lower().encode(), each.text.encode("latin-1")) for name, each in sent.items() if each is not None]
    modified = None if case.modified is None else format_http_date(case.modified)
    etag = None if case.etag is None else str(case.etag)
    return evaluate(preconditions_of(fields), case.method, etag, modified, exists=case.exists)


NOW = 1_700_000_000
METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "POST", "OPTIONS")
STRONG, WEAK, OTHER = Tag("a"), Tag("a", weak=True), Tag("b")
LISTS = (
    None,
    Tags(STAR, " * "),
    Tags((), ","),
    Tags((STRONG,), '"a"'),
    Tags((WEAK,), 'W/"a"'),
    Tags((OTHER, STRONG), '"b" ,, "a"'),
    Tags((OTHER,), '"b"'),
    Tags(None, "a"),
)
DATES = (
    None,
    Date(NOW - 1, format_http_date(NOW - 1)),
    Date(NOW, format_http_date(NOW)),
    Date(None, "yesterday"),
    Date(None, f"{format_http_date(NOW)}, {format_http_date(NOW)}"),
)
STATES = (
    (False, None, None),
    (True, None, None),
    (True, STRONG, None),
    (True, WEAK, NOW),
    (True, STRONG, NOW),
    (True, None, NOW),
)


def test_the_order_is_that_of_the_rfc_for_all_combinations_of_the_fields():
    cases = (
        Case(method, if_match, unmodified, if_none_match, modified, *state)
        for method, if_match, unmodified, if_none_match, modified, state in product(
            ("GET", "PUT", "OPTIONS"), LISTS, DATES, LISTS, DATES, STATES
        )
    )
    verdicts = set()
    for case in cases:
        verdict = by_the_rfc(case)
        verdicts.add(verdict)
        assert evaluated(case) == verdict, case
    assert verdicts == {PERFORM, NOT_MODIFIED, FAILED, MALFORMED}


OPAQUE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters='"\x7f'), max_size=2)
TAGS = st.builds(Tag, OPAQUE | st.sampled_from("ab,"), st.booleans())
SEPARATORS = st.sampled_from([",", ", ", " ,\t", ",,"])


@st.composite
def _lists(draw):
    members = draw(st.lists(TAGS, max_size=3))
    separator = draw(SEPARATORS)
    return Tags(tuple(members), separator.join(map(str, members)))


MOMENTS = st.integers(NOW - 2, NOW + 2)
ANY_DATE = st.builds(lambda seconds: Date(seconds, format_http_date(seconds)), MOMENTS) | st.sampled_from(DATES[1:])
CASES = st.builds(
    Case,
    st.sampled_from(METHODS),
    st.none() | st.sampled_from(LISTS) | _lists(),
    st.none() | ANY_DATE,
    st.none() | st.sampled_from(LISTS) | _lists(),
    st.none() | ANY_DATE,
    st.just(True),
    st.none() | TAGS,
    st.none() | MOMENTS,
)


@given(CASES)
def test_lists_of_any_tags_and_dates_are_evaluated_as_the_rfc_says(case):
    assert evaluated(case) == by_the_rfc(case)


def test_several_lines_of_a_list_are_one_list():
    fields = [(b"if-match", b'"x"'), (b"host", b"h"), (b"if-match", b'"a"')]
    assert preconditions_of(fields) == {"if-match": '"x", "a"'}


@pytest.mark.parametrize(
    ("version", "tag"),
    [
        (3, '"3"'),
        ("v3", '"v3"'),
        ('"v3"', '"v3"'),
        ('W/"v3"', 'W/"v3"'),
        ("", '""'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (datetime(2026, 1, 1, 10, tzinfo=UTC), '"2026-01-01T10:00:00+00:00"'),
    ],
)
def test_a_version_is_quoted_and_an_entity_tag_is_kept(version, tag):
    assert entity_tag(version) == tag
    assert entity_tag(version, weak=True) == (tag if tag.startswith("W/") else f"W/{tag}")


@given(st.text() | st.binary() | st.integers() | st.datetimes() | st.uuids())
def test_each_version_is_an_entity_tag_that_a_header_can_have(version):
    tag = entity_tag(version)
    assert is_entity_tag(tag)
    assert tag.encode("latin-1")
    assert entity_tag(version) == tag


@given(st.text(), st.text())
def test_different_texts_have_different_tags(one, other):
    if not (is_entity_tag(one) or is_entity_tag(other)):
        assert (entity_tag(one) == entity_tag(other)) == (one == other)


@pytest.mark.parametrize("version", [True, 1.5, None, object(), ["a"]])
def test_other_types_are_no_versions(version):
    with pytest.raises(TypeError, match="`etag` must be"):
        entity_tag(version)


def test_last_modified_has_whole_seconds_and_is_never_in_the_future():
    moment = datetime(2026, 1, 1, 12, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    text = "Thu, 01 Jan 2026 10:00:00 GMT"
    assert format_last_modified(moment, moment.timestamp() + 5) == text
    assert format_last_modified(moment + timedelta(days=1), moment.timestamp()) == text


def test_a_time_without_a_time_zone_is_rejected():
    with pytest.raises(ValueError, match="no time zone"):
        format_last_modified(datetime(2026, 1, 1), 0)  # noqa: DTZ001 - what the test is about

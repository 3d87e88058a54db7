"""Conditional requests: entity tags, HTTP dates, and preconditions (RFC 9110 §8.8, §13)."""

from calendar import timegm
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from time import gmtime, localtime
from typing import Final
from uuid import UUID

from signette._patterns import lazy_pattern

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBER = {name: number for number, name in enumerate(_MONTHS, 1)}

# RFC 9110 §8.8.3; a tag may contain commas; obs-text is Latin-1.
_TAG = r'(?:W/)?"[!#-~\x80-\xff]*"'
_ENTITY_TAG = lazy_pattern(_TAG)
_OPAQUE = lazy_pattern(r"[!#-~]*")  # without obs-text, which some clients change
# RFC 9110 §5.6.1.2: empty items of a list are skipped. Possessive, to avoid backtracking over white space.
_LIST_ITEM = lazy_pattern(rf"[ \t]*+({_TAG})?+[ \t]*+(?:,|\Z)")

_TIME = r"([0-9]{2}):([0-9]{2}):([0-9]{2})"
_MONTH = "(" + "|".join(_MONTHS) + ")"
_IMF_FIXDATE = lazy_pattern(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{{2}}) {_MONTH} ([0-9]{{4}}) {_TIME} GMT")
_RFC_850 = lazy_pattern(rf"[A-Z][a-z]{{5,8}}, ([0-9]{{2}})-{_MONTH}-([0-9]{{2}}) {_TIME} GMT")
_ASCTIME = lazy_pattern(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_MONTH} ([0-9]{{2}}| [0-9]) {_TIME} ([0-9]{{4}})")


def format_http_date(timestamp: float) -> str:
    """The HTTP date of a timestamp in seconds since 1970: "Wed, 21 Oct 2015 07:28:00 GMT".

    Raises ValueError if the year is not from 0 to 9999.
    """
    try:
        year, month, day, hour, minute, second, weekday, _, _ = gmtime(timestamp)
    except (OverflowError, OSError):  # beyond the range of the platform
        raise ValueError(f"{timestamp} is outside of the range of HTTP dates") from None
    if not 0 <= year <= 9999:
        raise ValueError(f"{timestamp} is outside of the range of HTTP dates")
    return f"{_DAYS[weekday]}, {day:02} {_MONTHS[month - 1]} {year:04} {hour:02}:{minute:02}:{second:02} GMT"


def parse_http_date(text: str) -> int | None:
    """Seconds since 1970; `None` for an invalid date. Supports the two obsolete formats, too (RFC 9110 §5.6.7)."""
    if match := _IMF_FIXDATE.fullmatch(text):
        day, month, year, *clock = match.groups()
        return _seconds(int(year), month, int(day), clock)
    if match := _RFC_850.fullmatch(text):
        day, month, short_year, *clock = match.groups()
        return _seconds(_full_year(int(short_year)), month, int(day), clock)
    if match := _ASCTIME.fullmatch(text):
        month, day, *clock, year = match.groups()
        return _seconds(int(year), month, int(day), clock)
    return None


def parse_entity_tags(header: str) -> list[str] | None:
    """The entity tags of a list (`"a"`, `W/"b"`), unchanged; `["*"]` for a star; `None` for an invalid list."""
    header = header.strip(" \t")
    if header == "*":
        return ["*"]
    tags = []
    at = 0
    while at < len(header):
        match = _LIST_ITEM.match(header, at)
        if match is None:
            return None
        if match[1] is not None:
            tags.append(match[1])
        at = match.end()
    return tags


def is_entity_tag(text: str) -> bool:
    """Whether the text is an entity tag, weak or strong."""
    return _ENTITY_TAG.fullmatch(text) is not None


def weakly_equal(one: str, other: str) -> bool:
    """Weak comparison: whether two tags are equal, ignoring `W/` (RFC 9110 §8.8.3.2)."""
    return one.removeprefix("W/") == other.removeprefix("W/")


def strongly_equal(one: str, other: str) -> bool:
    """Strong comparison: whether two tags are equal and not weak (RFC 9110 §8.8.3.2)."""
    return one == other and not one.startswith("W/")


# What `evaluate` returns; 0 if the request is performed.
PERFORM: Final = 0
NOT_MODIFIED: Final = 304
FAILED: Final = 412
MALFORMED: Final = 400

# The precondition fields, without `If-Range`, which only decides about `Range`.
PRECONDITIONS: Final = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since")
_NAMES = {name.encode(): name for name in (*PRECONDITIONS, "if-range")}
# RFC 9110 §13.2.1: methods that neither select nor modify a representation.
WITHOUT_PRECONDITIONS: Final = frozenset({"CONNECT", "OPTIONS", "TRACE"})
READS: Final = frozenset({"GET", "HEAD"})


def preconditions_of(fields: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The precondition fields of a request by name, in lower case. Several lines are one list (RFC 9110 §5.3)."""
    found: dict[str, str] = {}
    for name, value in fields:
        key = _NAMES.get(name)
        if key is not None:
            text = value.decode("latin-1")
            found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def evaluate(
    conditions: Mapping[str, str], method: str, etag: str | None, last_modified: str | None, *, exists: bool = True
) -> int:
    """What the preconditions of a request lead to, in the order of RFC 9110 §13.2.2.

    `etag` and `last_modified` are header fields of the current representation; `exists` is false without one.
    Returns `PERFORM`, `NOT_MODIFIED`, `FAILED`, or `MALFORMED`: a list of entity tags cannot be parsed, and to ignore
    it could lose an update. A malformed `If-None-Match` of a GET or HEAD costs nothing but the content, so it is true.
    """
    if not conditions or method in WITHOUT_PRECONDITIONS:
        return PERFORM
    is_read = method in READS
    if (if_match := conditions.get("if-match")) is not None:  # step 1
        matches = _matches(if_match, etag, strongly_equal, exists)
        if not matches:
            return MALFORMED if matches is None else FAILED
    elif (date := conditions.get("if-unmodified-since")) is not None and is_unmodified(date, last_modified) is False:
        return FAILED  # step 2
    if (if_none_match := conditions.get("if-none-match")) is not None:  # step 3
        matches = _matches(if_none_match, etag, weakly_equal, exists)
        if matches:
            return NOT_MODIFIED if is_read else FAILED
        if matches is None and not is_read:
            return MALFORMED
    elif is_read and (date := conditions.get("if-modified-since")) is not None and is_unmodified(date, last_modified):
        return NOT_MODIFIED  # step 4
    return PERFORM


def _matches(field: str, etag: str | None, are_equal: Callable[[str, str], bool], exists: bool) -> bool | None:
    """Whether a list of entity tags has that of the representation (RFC 9110 §13.1.1, §13.1.2); None: malformed."""
    tags = parse_entity_tags(field)
    if tags is None:
        return None
    if tags == ["*"]:
        return exists
    return exists and etag is not None and any(are_equal(tag, etag) for tag in tags)


def is_unmodified(since: str, last_modified: str | None) -> bool | None:
    """Whether a representation was not modified after a date; None if the date, or both, are not known.

    A field with such a date is ignored (RFC 9110 §13.1.3, §13.1.4).
    """
    if last_modified is None:
        return None
    if since == last_modified:  # PERF: clients usually send the date of the response
        return True
    date, modified = parse_http_date(since), parse_http_date(last_modified)
    return None if date is None or modified is None else modified <= date


def is_not_modified(
    if_none_match: str | None, if_modified_since: str | None, etag: str | None, last_modified: str | None
) -> bool:
    """Whether the response to a GET or HEAD without other preconditions is a 304.

    The first two arguments are headers of the request, the others of the response.
    """
    sent = (("if-none-match", if_none_match), ("if-modified-since", if_modified_since))
    conditions = {name: value for name, value in sent if value is not None}
    return evaluate(conditions, "GET", etag, last_modified) == NOT_MODIFIED


Version = str | int | bytes | UUID | datetime


def entity_tag(version: Version, *, weak: bool = False) -> str:
    """The entity tag of a version: `3` -> `"3"`; weak: `W/"3"`. An entity tag is used as it is.

    A text with characters that no entity tag can have, and bytes, become a digest.

    Raises:
        TypeError: it is of another type.
    """
    if isinstance(version, str):
        if is_entity_tag(version):
            return f"W/{version}" if weak and not version.startswith("W/") else version
        opaque = version if _OPAQUE.fullmatch(version) else digest_of(version.encode("utf-8", "surrogatepass"))
    elif isinstance(version, bytes):
        opaque = digest_of(version)
    elif isinstance(version, datetime):
        opaque = version.isoformat()
    elif isinstance(version, int | UUID) and not isinstance(version, bool):
        opaque = str(version)
    else:
        raise TypeError(f"an `etag` must be a `str`, `int`, `bytes`, `UUID` or `datetime`, not {version!r}")
    return f'W/"{opaque}"' if weak else f'"{opaque}"'


def digest_of(content: bytes | bytearray | memoryview) -> str:
    """A short digest of a content, for its entity tag."""
    return blake2b(content, digest_size=12).hexdigest()


def format_last_modified(modified: datetime, now: float) -> str:
    """The field `Last-Modified`, with whole seconds; a time in the future becomes `now` (RFC 9110 §8.8.2.1).

    Raises:
        ValueError: the time has no time zone.
    """
    if modified.utcoffset() is None:
        raise ValueError("`last_modified` has no time zone: pass a `datetime` with `tzinfo=UTC`")
    return format_http_date(min(modified.timestamp(), now))


def range_applies(if_range: str | None, etag: str | None, last_modified: str | None) -> bool:
    """Whether `Range` applies: there is no `If-Range`, or it matches the content exactly (RFC 9110 §13.1.5)."""
    if if_range is None:
        return True
    if is_entity_tag(if_range):
        return etag is not None and strongly_equal(if_range, etag)
    if last_modified is None:
        return False
    date = parse_http_date(if_range)
    return date is not None and date == parse_http_date(last_modified)


def _full_year(short_year: int) -> int:
    # RFC 9110 §5.6.7: a year more than 50 years ahead is the latest past year with these digits.
    this_year = localtime().tm_year
    year = this_year - this_year % 100 + short_year
    return year - 100 if year > this_year + 50 else year


def _seconds(year: int, month: str, day: int, clock: list[str]) -> int | None:
    hour, minute, second = map(int, clock)
    # A leap second is the first second of the next minute; `timegm` does not check its arguments.
    if hour > 23 or minute > 59 or second > 60 or not 1 <= day <= _days_in(year, month):
        return None
    return timegm((year, _MONTH_NUMBER[month], day, hour, minute, second))


def _days_in(year: int, month: str) -> int:
    if month == "Feb":
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in {"Apr", "Jun", "Sep", "Nov"} else 31

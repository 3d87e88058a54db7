"""Conditional requests: entity tags, HTTP dates, and preconditions (RFC 9110 §8.8, §13)."""

import re
from calendar import timegm
from time import gmtime, localtime

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBER = {name: number for number, name in enumerate(_MONTHS, 1)}

# RFC 9110 §8.8.3; a tag may contain commas; obs-text is Latin-1.
_TAG = r'(?:W/)?"[!#-~\x80-\xff]*"'
_ENTITY_TAG = re.compile(_TAG)
# RFC 9110 §5.6.1.2: empty items of a list are skipped. Possessive, to avoid backtracking over white space.
_LIST_ITEM = re.compile(rf"[ \t]*+({_TAG})?+[ \t]*+(?:,|\Z)")

_TIME = r"([0-9]{2}):([0-9]{2}):([0-9]{2})"
_MONTH = "(" + "|".join(_MONTHS) + ")"
_IMF_FIXDATE = re.compile(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{{2}}) {_MONTH} ([0-9]{{4}}) {_TIME} GMT")
_RFC_850 = re.compile(rf"[A-Z][a-z]{{5,8}}, ([0-9]{{2}})-{_MONTH}-([0-9]{{2}}) {_TIME} GMT")
_ASCTIME = re.compile(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_MONTH} ([0-9]{{2}}| [0-9]) {_TIME} ([0-9]{{4}})")


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


def is_not_modified(
    if_none_match: str | None, if_modified_since: str | None, etag: str | None, last_modified: str | None
) -> bool:
    """Whether the response to a GET or HEAD is a 304.

    The first two arguments are headers of the request, the others of the response. `If-Modified-Since` is ignored if
    there is an `If-None-Match` (RFC 9110 §13.1.3). Invalid headers are ignored.
    """
    if if_none_match is not None:
        tags = parse_entity_tags(if_none_match)
        if not tags:
            return False
        return tags == ["*"] or (etag is not None and any(weakly_equal(tag, etag) for tag in tags))
    if if_modified_since is None or last_modified is None:
        return False
    if if_modified_since == last_modified:  # PERF: clients usually send the date of the response
        return True
    since, modified = parse_http_date(if_modified_since), parse_http_date(last_modified)
    return since is not None and modified is not None and modified <= since


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

"""Conditional requests: entity tags, HTTP dates, and whether an answer is to be sent again (RFC 9110 §8.8, §13)."""

import re
from calendar import timegm
from time import gmtime, localtime

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBER = {name: number for number, name in enumerate(_MONTHS, 1)}

# RFC 9110 §8.8.3; a tag may hold commas, and obs-text travels as Latin-1.
_TAG = r'(?:W/)?"[!#-~\x80-\xff]*"'
_ENTITY_TAG = re.compile(_TAG)
# RFC 9110 §5.6.1.2: empty items of a list are skipped. Possessive, so that no white space is tried twice.
_LIST_ITEM = re.compile(rf"[ \t]*+({_TAG})?+[ \t]*+(?:,|\Z)")

_TIME = r"([0-9]{2}):([0-9]{2}):([0-9]{2})"
_MONTH = "(" + "|".join(_MONTHS) + ")"
_IMF_FIXDATE = re.compile(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{{2}}) {_MONTH} ([0-9]{{4}}) {_TIME} GMT")
_RFC_850 = re.compile(rf"[A-Z][a-z]{{5,8}}, ([0-9]{{2}})-{_MONTH}-([0-9]{{2}}) {_TIME} GMT")
_ASCTIME = re.compile(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_MONTH} ([0-9]{{2}}| [0-9]) {_TIME} ([0-9]{{4}})")


def format_http_date(timestamp: float) -> str:
    """A moment, in seconds since 1970, as HTTP writes it: "Wed, 21 Oct 2015 07:28:00 GMT".

    Raises ValueError: it lies outside the years 0 to 9999.
    """
    try:
        year, month, day, hour, minute, second, weekday, _, _ = gmtime(timestamp)
    except (OverflowError, OSError):  # beyond what the platform's clock knows
        raise ValueError(f"{timestamp} is no moment that HTTP can write") from None
    if not 0 <= year <= 9999:
        raise ValueError(f"{timestamp} is no moment that HTTP can write")
    return f"{_DAYS[weekday]}, {day:02} {_MONTHS[month - 1]} {year:04} {hour:02}:{minute:02}:{second:02} GMT"


def parse_http_date(text: str) -> int | None:
    """Seconds since 1970, `None` for what is no HTTP date. RFC 9110 §5.6.7: the two obsolete forms are read too."""
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
    """The tags of a list as they were written (`"a"`, `W/"b"`), `["*"]` for a star, `None` for what is no such list."""
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
    """Whether the text is one entity tag, weak or strong."""
    return _ENTITY_TAG.fullmatch(text) is not None


def weakly_equal(one: str, other: str) -> bool:
    """Whether two tags name the same content, byte for byte or not (RFC 9110 §8.8.3.2)."""
    return one.removeprefix("W/") == other.removeprefix("W/")


def strongly_equal(one: str, other: str) -> bool:
    """Whether two tags name the same bytes: equal, and neither is weak (RFC 9110 §8.8.3.2)."""
    return one == other and not one.startswith("W/")


def is_not_modified(
    if_none_match: str | None, if_modified_since: str | None, etag: str | None, last_modified: str | None
) -> bool:
    """Whether 304 answers a GET or HEAD: the first two are the request's headers, the others the answer's.

    `If-Modified-Since` counts only where there is no `If-None-Match` (RFC 9110 §13.1.3). A header that cannot be
    read gets the whole answer.
    """
    if if_none_match is not None:
        tags = parse_entity_tags(if_none_match)
        if not tags:
            return False
        return tags == ["*"] or (etag is not None and any(weakly_equal(tag, etag) for tag in tags))
    if if_modified_since is None or last_modified is None:
        return False
    if if_modified_since == last_modified:  # PERF: what a client sends back is what it was given
        return True
    since, modified = parse_http_date(if_modified_since), parse_http_date(last_modified)
    return since is not None and modified is not None and modified <= since


def range_applies(if_range: str | None, etag: str | None, last_modified: str | None) -> bool:
    """Whether a `Range` counts: there is no `If-Range`, or it names exactly this content (RFC 9110 §13.1.5)."""
    if if_range is None:
        return True
    if is_entity_tag(if_range):
        return etag is not None and strongly_equal(if_range, etag)
    if last_modified is None:
        return False
    date = parse_http_date(if_range)
    return date is not None and date == parse_http_date(last_modified)


def _full_year(short_year: int) -> int:
    # RFC 9110 §5.6.7: what would lie more than 50 years ahead is the last year with these digits.
    this_year = localtime().tm_year
    year = this_year - this_year % 100 + short_year
    return year - 100 if year > this_year + 50 else year


def _seconds(year: int, month: str, day: int, clock: list[str]) -> int | None:
    hour, minute, second = map(int, clock)
    # A leap second counts as the first of the next minute; timegm does not check what it adds up.
    if hour > 23 or minute > 59 or second > 60 or not 1 <= day <= _days_in(year, month):
        return None
    return timegm((year, _MONTH_NUMBER[month], day, hour, minute, second))


def _days_in(year: int, month: str) -> int:
    if month == "Feb":
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in {"Apr", "Jun", "Sep", "Nov"} else 31

"""Laws of HTTP for a single response: its length, charset, and header fields."""

import codecs
import re
from collections.abc import Callable, Iterable

from signette._http.conditional import is_entity_tag, parse_http_date
from signette._http.media import is_json
from signette._http.tokens import TCHAR_CLASS
from signette.prove.law import Exchange, Law, ProvedOperation, Send, Violation

# RFC 9110 section 6.4.1: responses that have no content.
WITHOUT_CONTENT = {204, 205, 304}


class ContentLength(Law):
    """RFC 9110 section 8.6."""

    name = "content-length"
    summary = "`Content-Length` is the number of bytes of the body, and a 204 has none"

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        declared = exchange.header("content-length")
        if declared is None:
            return []
        if exchange.status == 204:
            return [self.violation(operation, "a 204 has the header `Content-Length`", exchange)]
        is_read = exchange.request.method != "HEAD" and exchange.status not in WITHOUT_CONTENT
        if is_read and exchange.complete and declared != str(len(exchange.body)):
            return [self.violation(operation, "`Content-Length` is not the length of the body", exchange)]
        return []


class NoContent(Law):
    """RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5."""

    name = "no-content"
    summary = "A 204, 205 or 304 has no body"

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        if exchange.status in WITHOUT_CONTENT and exchange.body:
            return [self.violation(operation, f"a {exchange.status} has a body", exchange)]
        return []


class Charset(Law):
    """RFC 9110 section 8.3.2, RFC 8259 section 8.1, WHATWG HTML section 9.2.5."""

    name = "charset"
    summary = "Text can be decoded with the declared charset; JSON and events are UTF-8"

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        charset = _charset_of(exchange)
        if charset is None or not exchange.complete or exchange.header("content-encoding"):
            return []
        try:
            codecs.lookup(charset)
            exchange.body.decode(charset)
        except LookupError:
            return [self.violation(operation, "the charset in `Content-Type` is unknown", exchange)]
        except UnicodeDecodeError:
            return [self.violation(operation, f"the body is not {charset}", exchange)]
        return []


def _charset_of(exchange: Exchange) -> str | None:
    media_type = exchange.media_type
    if (exchange.header("content-disposition") or "").startswith("attachment"):
        return None  # a file is saved as it is
    if is_json(media_type) or media_type in {"text/event-stream", "application/jsonl", "application/json-seq"}:
        return "utf-8"
    found = re.search(r';\s*charset="?([^\s;"]+)', exchange.header("content-type") or "", re.IGNORECASE)
    return found[1].lower() if found and media_type.startswith("text/") else None


_WORD = f"[{TCHAR_CLASS}]+"
_MEDIA_TYPE = re.compile(rf'{_WORD}/{_WORD}(\s*;\s*({_WORD}=({_WORD}|"([^"\\]|\\.)*"))?)*', re.ASCII)
_TOKENS = re.compile(rf"\s*({_WORD}(\s*,\s*{_WORD})*)?\s*", re.ASCII)
_CONTENT_RANGE = re.compile(r"bytes ((\d+)-(\d+)/(\d+|\*)|\*/\d+)", re.ASCII)


def _is_date(text: str) -> bool:
    return parse_http_date(text) is not None


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


# The header fields with a syntax that clients parse; those that a response may have once.
_SYNTAX: dict[str, tuple[str, Callable[[str], bool]]] = {
    "ETag": ("an entity tag, with quotes", is_entity_tag),
    "Last-Modified": ("a date of HTTP", _is_date),
    "Date": ("a date of HTTP", _is_date),
    "Sunset": ("a date of HTTP", _is_date),
    "Retry-After": ("a number of seconds or a date of HTTP", lambda text: text.isdecimal() or _is_date(text)),
    "Content-Type": ("a media type", _matches(_MEDIA_TYPE)),
    "Content-Length": ("a number", str.isdecimal),
    "Age": ("a number of seconds", str.isdecimal),
    "Content-Range": ("a range of bytes", _matches(_CONTENT_RANGE)),
    "Location": ("a URL", lambda text: bool(text) and not re.search(r"[\s<>\"{}|\\^`]|[^\x21-\x7e]", text)),
}


class HeaderSyntax(Law):
    """RFC 9110 sections 5.3, 8.3, 8.8, 10.2 and 14.4; RFC 9111 section 5.1."""

    name = "header-syntax"
    summary = "Header fields such as `ETag`, `Last-Modified` and `Content-Type` are well-formed, and appear once"

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        messages = []
        for name, (expected, is_valid) in _SYNTAX.items():
            values = exchange.header_values(name)
            if len(values) > 1:
                messages.append(f"the response has the header `{name}` {len(values)} times")
            elif values and not is_valid(values[0]):
                messages.append(f"the header `{name}` is not {expected}")
        allow = ", ".join(exchange.header_values("Allow"))
        if not _TOKENS.fullmatch(allow):
            messages.append("the header `Allow` is not a list of methods")
        if any(re.search(r"[\r\n\0]", part) for pair in exchange.headers for part in pair):
            messages.append("a header contains a line end or a NUL")
        return [self.violation(operation, message, exchange) for message in messages]

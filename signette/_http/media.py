"""Media types and content dispositions, read leniently, written strictly (RFC 9110 §8.3, RFC 6266, RFC 8187)."""

import re
from collections.abc import Iterator
from urllib.parse import quote

from signette._http.tokens import TCHAR_CLASS, TOKEN

_IS_JSON = re.compile(rf"application/json|[{TCHAR_CLASS}]+/[{TCHAR_CLASS}]*\+json")
# `name=` after a semicolon, white space around it as it comes.
_NAME = re.compile(rf"[ \t]*([{TCHAR_CLASS}]+)=")
# What stands in quotes, to the closing one or, where that is missing, to the end.
_QUOTED = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)', re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
# Browsers escape quotes at most, and old ones send `C:\dir\name`: other back slashes stand for themselves.
_QUOTED_QUOTE = re.compile(r'\\(["\\])')


def parse_media_type(text: str) -> tuple[str, dict[str, str]]:
    """`type/subtype` in lower case, and the parameters by their names in lower case, the first of each.

    Never fails: what is no parameter is skipped, a quote that is not closed ends with the text.
    """
    if ";" not in text:
        return text.strip(" \t").lower(), {}
    return _parsed(text, _QUOTED_PAIR)


def is_json(media_type: bytes | str) -> bool:
    """Whether it is `application/json` or ends in `+json` (RFC 6839 §3.1), whatever its parameters."""
    text = media_type if isinstance(media_type, str) else media_type.decode("latin-1")
    return _IS_JSON.fullmatch(text.partition(";")[0].strip(" \t").lower()) is not None


def parse_content_disposition(text: str) -> tuple[str, dict[str, str]]:
    """The kind (`form-data`, `attachment`) in lower case, and the parameters, the first of each.

    Never fails. `filename*` is a parameter of its own and not decoded: in a form it has no meaning (RFC 7578 §4.2).
    """
    return _parsed(text, _QUOTED_QUOTE)


def content_disposition(kind: str, filename: str) -> str:
    """A `Content-Disposition` header: `filename=` where the name needs no encoding, else `filename*=`.

    Raises:
        ValueError: `kind` is no token.
    """
    if TOKEN.fullmatch(kind) is None:
        raise ValueError(f"{kind!r} is no kind of disposition: use `attachment` or `inline`")
    # A name from the file system may hold bytes that were no text (PEP 383): these become question marks.
    if quote(filename, errors="replace") == filename:
        return f'{kind}; filename="{filename}"'
    return f"{kind}; filename*=utf-8''{quote(filename, safe='', errors='replace')}"


def _parsed(text: str, escapes: re.Pattern[str]) -> tuple[str, dict[str, str]]:
    head, _, _ = text.partition(";")
    parameters: dict[str, str] = {}
    for name, value in _parameters(text, len(head) + 1, escapes):
        parameters.setdefault(name, value)
    return head.strip(" \t").lower(), parameters


def _parameters(text: str, at: int, escapes: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Each parameter from position `at`, which is behind a semicolon. Every character is looked at once."""
    while at < len(text):
        named = _NAME.match(text, at)
        at = named.end() if named else at
        quoted = _QUOTED.match(text, at) if named else None
        end = text.find(";", quoted.end() if quoted else at)
        end = len(text) if end < 0 else end
        if named:
            value = escapes.sub(r"\1", quoted[1]) if quoted else text[at:end].strip(" \t")
            if quoted or value:
                yield named[1].lower(), value
        at = end + 1

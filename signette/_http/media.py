"""Media types and content dispositions: lenient parsing, strict writing (RFC 9110 §8.3, RFC 6266, RFC 8187)."""

import re
from collections.abc import Iterator
from urllib.parse import quote

from signette._http.tokens import TCHAR_CLASS, TOKEN

_IS_JSON = re.compile(rf"application/json|[{TCHAR_CLASS}]+/[{TCHAR_CLASS}]*\+json")
# `name=` after a semicolon, with optional white space.
_NAME = re.compile(rf"[ \t]*([{TCHAR_CLASS}]+)=")
# The content of a quoted string, up to the closing quote or, without one, to the end of the text.
_QUOTED = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)', re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
# Browsers escape only quotes, and old ones send `C:\dir\name`: other backslashes are literal.
_QUOTED_QUOTE = re.compile(r'\\(["\\])')


def parse_media_type(text: str) -> tuple[str, dict[str, str]]:
    """`type/subtype` and the parameters by name, all in lower case but the values. Keeps the first of equal names.

    Never fails: skips invalid parameters; an unclosed quote extends to the end of the text.
    """
    if ";" not in text:
        return text.strip(" \t").lower(), {}
    return _parsed(text, _QUOTED_PAIR)


def is_json(media_type: bytes | str) -> bool:
    """Whether a media type is `application/json` or ends in `+json` (RFC 6839 §3.1). Ignores its parameters."""
    text = media_type if isinstance(media_type, str) else media_type.decode("latin-1")
    return _IS_JSON.fullmatch(text.partition(";")[0].strip(" \t").lower()) is not None


def parse_content_disposition(text: str) -> tuple[str, dict[str, str]]:
    """The disposition type (`form-data`, `attachment`) in lower case, and the parameters, the first of equal names.

    Never fails. Does not decode `filename*`, which has no meaning in a form (RFC 7578 §4.2).
    """
    return _parsed(text, _QUOTED_QUOTE)


def content_disposition(kind: str, filename: str) -> str:
    """The value of a `Content-Disposition` header, with `filename*=` if the name must be encoded, else `filename=`.

    Raises:
        ValueError: `kind` is not a token.
    """
    if TOKEN.fullmatch(kind) is None:
        raise ValueError(f"invalid content disposition type {kind!r}; use `attachment` or `inline`")
    # File names may contain bytes that are not text (PEP 383): these become question marks.
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
    """The parameters from position `at`, which is after a semicolon. Linear in the length of the text."""
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

"""Cookies: strict writing of `Set-Cookie` (RFC 6265 §4.1), lenient parsing of `Cookie`."""

import re
from datetime import datetime
from time import time

from signette._http.conditional import format_http_date
from signette._http.tokens import TCHAR_CLASS, TCHARS

# A token, and `:`, which some old cookies have in their names and all parsers accept.
_NAME = re.compile(rf"[{TCHAR_CLASS}:]+")
# RFC 6265 §4.1.1: the value of an attribute is any characters except controls and `;`.
_ATTRIBUTE = re.compile(r"[ -:<-~]*")
_SAMESITE = frozenset({"strict", "lax", "none"})

_BARE = frozenset(f"{TCHARS}:")
_FINE_IN_QUOTES = _BARE | frozenset(" ()/<=>?@[]{}")
# Characters that are invalid in quotes become three octal digits, which `http.cookies` decodes.
_ESCAPES = {code: f"\\{code:03o}" for code in range(256) if chr(code) not in _FINE_IN_QUOTES}
_ESCAPES |= {ord('"'): '\\"', ord("\\"): "\\\\"}
_ESCAPED = re.compile(r"\\(?:([0-3][0-7][0-7])|(.))", re.DOTALL)


def render_cookie(
    key: str,
    value: str = "",
    *,
    max_age: int | None = None,
    expires: datetime | str | int | None = None,
    path: str | None = "/",
    domain: str | None = None,
    secure: bool = False,
    httponly: bool = False,
    samesite: str | None = "lax",
    partitioned: bool = False,
) -> str:
    """The value of a `Set-Cookie` header, in Latin-1.

    `max_age`, and `expires` as a number, are seconds from now. An empty path or domain is omitted.

    Raises:
        ValueError: the name is not a token, the value is not Latin-1, an attribute contains control characters, `;` or
            non-ASCII characters, `samesite` is invalid, or `expires` has no time zone.
    """
    if _NAME.fullmatch(key) is None:
        raise ValueError(f"Illegal key {key!r}: use only letters, digits and !#$%&'*+-.^_`|~: in the name of a cookie")
    parts = [f"{key}={_quoted(key, value)}"]
    if domain:
        parts.append(f"Domain={_checked('domain', domain)}")
    if expires is not None:
        parts.append(f"expires={_checked('expires', _date(expires))}")
    if httponly:
        parts.append("HttpOnly")
    if max_age is not None:
        parts.append(f"Max-Age={int(max_age)}")
    if partitioned:
        parts.append("Partitioned")
    if path:
        parts.append(f"Path={_checked('path', path)}")
    if samesite is not None:
        if samesite.lower() not in _SAMESITE:
            raise ValueError("samesite must be either 'strict', 'lax' or 'none'")
        parts.append(f"SameSite={samesite}")
    if secure:
        parts.append("Secure")
    return "; ".join(parts)


def parse_cookies(header: str) -> dict[str, str]:
    """The cookies of a `Cookie` header, with the last value of each name. Text without `=` is the value of "".

    Never fails. Removes quotes and decodes octal escapes.
    """
    cookies = {}
    header = header.replace("; ", ";")
    # PERF: the header of nearly all clients has nothing else to remove, and then takes half of the time.
    is_plain = " " not in header and '"' not in header and "\t" not in header
    for pair in header.split(";"):
        name, separator, value = pair.partition("=")
        if not separator:
            name, value = "", name
        if not is_plain:
            # Only HTTP white space: `str.strip` would also remove U+0085 and U+00A0, which are parts of UTF-8
            # characters in a header that is decoded as Latin-1.
            name, value = name.strip(" \t"), value.strip(" \t")
        if name or value:
            cookies[name] = value if is_plain or value[:1] != '"' else _unquoted(value)
    return cookies


def _quoted(key: str, value: str) -> str:
    if value and _BARE.issuperset(value):
        return value
    quoted = f'"{value.translate(_ESCAPES)}"'
    if not quoted.isascii():  # all of Latin-1 has been escaped
        raise ValueError(
            f"the value of cookie `{key}` has characters outside Latin-1; encode it with urllib.parse.quote"
        )
    return quoted


def _unquoted(value: str) -> str:
    if len(value) < 2 or value[-1] != '"':
        return value
    inner = value[1:-1]
    return _ESCAPED.sub(_unescaped, inner) if "\\" in inner else inner


def _unescaped(match: re.Match[str]) -> str:
    octal: str | None = match[1]
    return chr(int(octal, 8)) if octal else str(match[2])


def _checked(attribute: str, text: str) -> str:
    if _ATTRIBUTE.fullmatch(text) is None:
        raise ValueError(f"invalid cookie {attribute} {text!r}: use ASCII without control characters and `;`")
    return text


def _date(expires: datetime | str | int) -> str:
    if isinstance(expires, str):
        return expires
    if not isinstance(expires, datetime):
        return format_http_date(time() + expires)
    if expires.tzinfo is None:
        raise ValueError("`expires` needs a time zone: use datetime.now(UTC), not datetime.now()")
    return format_http_date(expires.timestamp())

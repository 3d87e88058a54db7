"""Cookies: `Set-Cookie`, checked (RFC 6265 §4.1), and `Cookie`, read as leniently as it is written."""

import re
from datetime import datetime
from time import time

from signette._http.conditional import format_http_date
from signette._http.tokens import TCHAR_CLASS, TCHARS

# A token, and `:`, which some old cookies have in their names; no parser rejects it.
_NAME = re.compile(rf"[{TCHAR_CLASS}:]+")
# RFC 6265 §4.1.1: an attribute's value is any character but controls and `;`.
_ATTRIBUTE = re.compile(r"[ -:<-~]*")
_SAMESITE = frozenset({"strict", "lax", "none"})

_BARE = frozenset(f"{TCHARS}:")
_FINE_IN_QUOTES = _BARE | frozenset(" ()/<=>?@[]{}")
# What may not stand in quotes becomes three octal digits, which readers of `http.cookies`' kind turn back.
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
    """The value of a `Set-Cookie` header, Latin-1 throughout.

    `max_age` and an `expires` that is a number count seconds from now. An empty path or domain is left out.

    Raises:
        ValueError: a name that is no token, a value outside Latin-1, an attribute with a control character, a `;`
            or what is no ASCII, a `samesite` that is none, or an `expires` without a time zone.
    """
    if _NAME.fullmatch(key) is None:
        raise ValueError(f"Illegal key {key!r}: a cookie's name is made of letters, digits and !#$%&'*+-.^_`|~:")
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
    """Names and values of a `Cookie` header, the last of each name. What has no `=` is the value of "".

    Never fails. Quoted values are taken out of their quotes and octal escapes turned back.
    """
    cookies = {}
    for piece in header.split(";"):
        name, divided, value = piece.partition("=")
        if not divided:
            name, value = "", name
        # Only what HTTP calls white space: `str.strip` would also take U+0085 and U+00A0, which in a header decoded as
        # Latin-1 are parts of UTF-8 characters.
        name, value = name.strip(" \t"), value.strip(" \t")
        if name or value:
            cookies[name] = _unquoted(value) if value[:1] == '"' else value
    return cookies


def _quoted(key: str, value: str) -> str:
    if value and _BARE.issuperset(value):
        return value
    quoted = f'"{value.translate(_ESCAPES)}"'
    if not quoted.isascii():  # all of Latin-1 has been escaped
        raise ValueError(
            f"the value of cookie `{key}` has characters outside Latin-1; encode it, as by urllib.parse.quote"
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
        raise ValueError(f"a cookie's {attribute} may hold ASCII only, no control characters and no `;`: {text!r}")
    return text


def _date(expires: datetime | str | int) -> str:
    if isinstance(expires, str):
        return expires
    if not isinstance(expires, datetime):
        return format_http_date(time() + expires)
    if expires.tzinfo is None:
        raise ValueError("`expires` needs a time zone: use datetime.now(UTC), not datetime.now()")
    return format_http_date(expires.timestamp())

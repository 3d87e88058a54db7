"""Hosts: the value of a `Host` header (RFC 9110 section 7.2), and the host of a URL (RFC 3986 section 3.2.2)."""

import functools
from ipaddress import AddressValueError, IPv6Address

from signette._patterns import lazy_pattern

# RFC 3986 section 3.2.2: reg-name = *( unreserved / pct-encoded / sub-delims )
_REG_NAME = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~%!$&'()*+,;="
_IP_FUTURE = lazy_pattern(rb"v[0-9a-fA-F]+\.[0-9a-zA-Z\-._~!$&'()*+,;=:]+")

_HOST_AND_PORT = lazy_pattern(r"([^:\[\]]+|\[[^\[\]]+\])(?::([0-9]+))?")

# A port may have any number of digits (RFC 3986 section 3.2.3), a number that `int()` reads may not: this is the lowest
# limit that `sys.set_int_max_str_digits` allows.
_MAX_INT_DIGITS = 640


def valid_host(host: bytes) -> bool:
    """Whether the value of a `Host` header is a valid host, with an optional port (RFC 9110 section 7.2)."""
    rest = host.translate(None, _REG_NAME)
    if not rest:
        return bool(host)
    name, colon, port = host.rpartition(b":")
    if host.startswith(b"["):
        address, bracket, port = host.rpartition(b"]")
        if not bracket or (port and not port.startswith(b":")):
            return False
        return _valid_literal(address[1:]) and (not port or port[1:].isdigit())
    return rest == colon and bool(name) and port.isdigit()


def has_port_in_range(host: bytes) -> bool:
    """Whether the port of a valid `Host` header is at most 65535. True without a port."""
    _, colon, port = host.rpartition(b":")
    if not colon or not port.isdigit():
        return True  # not a port: the end of an IPv6 address, with its bracket
    return len(port) <= _MAX_INT_DIGITS and int(port) <= 65535


@functools.lru_cache(maxsize=256)
def host_name(field: bytes) -> str | None:
    """The host of a `Host` header in lower case, without its port; None if the header is invalid (RFC 9110 §7.2)."""
    if not valid_host(field):
        return None
    text = field.decode("ascii").lower()
    end = text.rfind(":")
    return text[:end] if end > text.rfind("]") else text


def split_port(hostname: str) -> tuple[str, str]:
    """The host, an IPv6 address in brackets, and the port, or an empty string.

    Raises:
        ValueError: a colon is not part of an IPv6 address and does not begin a port, or a bracket is missing.
    """
    if not hostname:
        return "", ""
    if (match := _HOST_AND_PORT.fullmatch(hostname)) is not None:
        return match[1], match[2] or ""
    try:
        IPv6Address(hostname)
    except AddressValueError:
        message = f"Invalid hostname: {hostname!r}. Expected a name or an IP address, optionally with a port."
        raise ValueError(message) from None
    return f"[{hostname}]", ""


def _valid_literal(address: bytes) -> bool:
    if address.startswith(b"v"):
        return _IP_FUTURE.fullmatch(address) is not None
    if b"%" in address:
        return False  # a zone is valid on one machine only (RFC 4007 section 6)
    try:
        IPv6Address(address.decode("ascii"))
    except (AddressValueError, UnicodeDecodeError):
        return False
    return True

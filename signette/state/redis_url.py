"""URLs of Redis and Valkey: which are accepted, and what of them is shown."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

# Scheme -> that of the client library. Valkey speaks the protocol of Redis.
SCHEMES: Mapping[str, str] = {
    "redis": "redis",
    "rediss": "rediss",
    "unix": "unix",
    "valkey": "redis",
    "valkeys": "rediss",
}
# Others would change what this package relies on (`decode_responses`), or have a setting of `Backend` (`timeout`).
OPTIONS = frozenset({
    "client_name", "db", "health_check_interval", "max_connections", "password", "socket_keepalive", "username",
    "ssl_ca_certs", "ssl_ca_path", "ssl_cert_reqs", "ssl_certfile", "ssl_check_hostname", "ssl_ciphers", "ssl_keyfile",
    "ssl_password",
})  # fmt: skip


def client_url(url: str) -> str:
    """The URL as the client library reads it.

    Raises:
        ValueError: it is not a URL of Redis. The message does not contain the URL, which may have a password.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in SCHEMES:
        raise ValueError(f"a URL of Redis begins with one of {', '.join(f'`{known}://`' for known in SCHEMES)}")
    try:
        parts = urlsplit(f"{SCHEMES[scheme]}://{rest}")
        _ = parts.port
    except ValueError:
        raise ValueError(_advice("host or port")) from None  # its message has parts of the URL
    if SCHEMES[scheme] == "unix":
        if not parts.path.strip("/"):
            raise ValueError("a URL of a Unix socket has its path: `unix:///run/redis.sock`")
    elif not re.fullmatch(r"(/\d*)?", parts.path):
        raise ValueError(_advice("database number after the host"))
    if parts.fragment:
        raise ValueError(_advice("`#`"))
    for name, _value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in OPTIONS:
            known = ", ".join(f"`{each}`" for each in sorted(OPTIONS))
            hint = "use `Backend(timeout=...)`" if "timeout" in name else f"use one of {known}"
            raise ValueError(f"unexpected option `{name}` in the URL of Redis; {hint}")
    return parts.geturl()


def _advice(what: str) -> str:
    return (
        f"the {what} of the URL of Redis is not valid; write `redis://user:password@host:6379/0`, and escape special"
        " characters of the password by `urllib.parse.quote(password, safe='')`"
    )


def shown_url(url: str) -> str:
    """A valid URL without user, password and options: for messages."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

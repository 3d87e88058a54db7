"""The limits of requests, in one frozen record."""

import logging
from dataclasses import replace
from typing import Any, Self

from signette._dataclasses import dataclass
from signette.types import Scope

_log = logging.getLogger("signette.limits")

KIB = 1024
MIB = 1024 * KIB


class DefaultLimit(int):
    """A limit that keeps its default. It never raises a limit that an outer application has set."""


class OptionLimit(int):
    """A limit that another option than `limits=` has set. `option` describes that option to the developer."""

    option: str

    def __new__(cls, limit: int, option: str) -> Self:
        self = super().__new__(cls, limit)
        self.option = option
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        return int(self), self.option


def set_by(option: str, limit: Any) -> Any:
    """The limit as one that `option` has set. Kept as it is: what names its option already, and what is no number."""
    return OptionLimit(limit, option) if type(limit) is int else limit


def max_body_size_of(owner: str, limit: int | None) -> int | None:
    """`max_body_size=` of the owner as a limit that names both. Raises TypeError or ValueError if it is not a limit."""
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int)):
        hint = "write a number, such as `10 * 1024 * 1024` for 10 MiB"
        raise TypeError(f"`max_body_size={limit!r}` of {owner} must be an integer or None; {hint}")
    if limit is not None and limit < 0:
        raise ValueError(f"`max_body_size={limit!r}` of {owner} must be 0 or more, or None")
    named: int | None = set_by(f"`max_body_size=...` of {owner}", limit)
    return named


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits that an `App` enforces on requests. `None` removes a limit.

    Set the ones that you change: `App(limits=Limits(json_bytes=8 * 1024 * 1024))`. Inside another application, a mount
    or middleware with limits, the ones that you set apply; of the others, the smaller limit applies.
    """

    body_bytes: int | None = DefaultLimit(16 * MIB)
    """A request body that is read: its `Content-Length`, and the bytes as they arrive. If exceeded: 413."""
    decompression_ratio: int | None = DefaultLimit(100)
    """The bytes to which a byte of a compressed request body may decompress, from 1 MiB on. If exceeded: 413."""
    json_bytes: int | None = DefaultLimit(2 * MIB)
    """A JSON body. If exceeded: 413."""
    json_values: int | None = DefaultLimit(1_000_000)
    """The values in a JSON body, including arrays and objects, without the names of members. If exceeded: 413."""
    path_bytes: int | None = DefaultLimit(8 * KIB)
    """The path, percent-encoded as it was sent. If exceeded: 414."""
    query_bytes: int | None = DefaultLimit(64 * KIB)
    """The query string. If exceeded: 414."""
    query_params: int | None = DefaultLimit(1000)
    """The parameters in the query string. If exceeded: 400."""
    header_fields: int | None = DefaultLimit(200)
    """The number of headers. If exceeded: 431."""
    header_bytes: int | None = DefaultLimit(64 * KIB)
    """The names and values of all headers together. If exceeded: 431."""
    form_fields: int = DefaultLimit(1000)
    """The fields of a form. If exceeded: 400."""
    form_files: int = DefaultLimit(100)
    """The files of a form. If exceeded: 400."""
    form_part_bytes: int = DefaultLimit(MIB)
    """One form field that is not a file. If exceeded: 413."""
    form_text_bytes: int = DefaultLimit(4 * MIB)
    """All form fields that are not files together. If exceeded: 413."""
    websocket_message_bytes: int | None = DefaultLimit(MIB)
    """A message to a typed WebSocket endpoint. If exceeded: close 1009."""
    worker_threads: int = DefaultLimit(40)
    """Concurrent threads for sync code; the same number again for requests with an open sync `yield` dependency, and
    for each WSGI application. If exceeded: waits."""

    def __post_init__(self) -> None:
        """Raise TypeError or ValueError unless each limit is an integer from 0 on, or None."""
        for name in Limits.__slots__:
            value = getattr(self, name)
            if value is None and name in _NEVER_NONE:
                raise TypeError(f"`Limits({name}=None)`: this limit cannot be removed; set a larger number")
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int):
                raise TypeError(f"`Limits({name}={value!r})`: a limit must be an integer or None")
            if value < 0:
                raise ValueError(f"`Limits({name}={value!r})`: a limit must be 0 or more, or None")


_NEVER_NONE = frozenset({"form_fields", "form_files", "form_part_bytes", "form_text_bytes", "worker_threads"})

# The limits of forms outside an `App`.
PLAIN_LIMITS = Limits(form_files=1000)


def limits_within(own: Limits, outer: Limits | None) -> Limits:
    """The limits of an application inside another: its own settings apply, its defaults never raise an outer limit."""
    if outer is None or outer is own:
        return own
    lower: dict[str, Any] = {}
    for name in _INHERITED:
        own_limit, outer_limit = getattr(own, name), getattr(outer, name)
        if type(own_limit) is DefaultLimit and outer_limit is not None and outer_limit < own_limit:
            lower[name] = outer_limit
    return replace(own, **lower) if lower else own


# Each application counts its own threads.
_INHERITED = tuple(name for name in Limits.__slots__ if name != "worker_threads")


def limited_by_body(limits: Limits) -> Limits:
    """The same limits, with those of JSON bodies and of the text of forms lowered to that of all bodies."""
    body_bytes = limits.body_bytes
    if body_bytes is None or (
        limits.json_bytes is not None and limits.json_bytes <= body_bytes >= limits.form_text_bytes
    ):
        return limits
    json_bytes = body_bytes if limits.json_bytes is None else min(limits.json_bytes, body_bytes)
    return replace(limits, json_bytes=json_bytes, form_text_bytes=min(limits.form_text_bytes, body_bytes))


# The message for clients. The names of the fields are for the log.
_EXCEEDED = {
    "body_bytes": "body exceeds {} bytes",
    "decompression_ratio": "body decompresses to more than {} times its size",
    "json_bytes": "JSON body exceeds {} bytes",
    "json_values": "JSON has more than {} values",
    "path_bytes": "path exceeds {} bytes",
    "query_bytes": "query string exceeds {} bytes",
    "query_params": "query string has more than {} parameters",
    "header_fields": "request has more than {} header fields",
    "header_bytes": "header fields exceed {} bytes",
    "form_fields": "form has more than {} fields",
    "form_files": "form has more than {} files",
    "form_part_bytes": "form field exceeds {} bytes",
    "form_text_bytes": "fields of the form exceed {} bytes",
    "websocket_message_bytes": "message exceeds {} bytes",
}


def exceeded_message(limit: str, limit_value: float) -> str:
    """The message for a client whose request exceeds a limit: a description of the limit, and its value."""
    return _EXCEEDED.get(limit, "request exceeds a limit of {}").format(int(limit_value))


def log_exceeded(scope: Scope, message: str, hint: str) -> None:
    """Log which setting raises the limit that a request exceeded.

    A warning in debug mode. Otherwise a debug message, as clients can cause any number of them.
    """
    level = logging.WARNING if getattr(scope.get("app"), "debug", False) else logging.DEBUG
    method, path = scope.get("method", "WEBSOCKET"), scope.get("path")
    _log.log(level, "%s %.200r: %s; raise the limit with %s", method, path, message, hint)


def check_limits(limits: object) -> None:
    """Raise TypeError unless `limits` is a `Limits` or None."""
    if limits is not None and not isinstance(limits, Limits):
        raise TypeError(f"`limits=` must be a `Limits`, not {limits!r}; write `limits=Limits(body_bytes=...)`")

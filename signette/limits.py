"""How much a request may bring. One frozen record, so that an application's bounds are read in one place."""

import logging
from dataclasses import dataclass, replace
from typing import Any

from signette.types import Scope

_log = logging.getLogger("signette.limits")

KIB = 1024
MIB = 1024 * KIB


class DefaultLimit(int):
    """A limit that nobody has set: it never raises one that is in force around an application."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits that an `App` holds its requests to; `None` lifts a limit.

    Give those that you change: `App(limits=Limits(json_bytes=8 * 1024 * 1024))`. Inside of another application, a mount
    or middleware with limits, those that you give count; of the others the smaller one does.
    """

    body_bytes: int | None = DefaultLimit(16 * MIB)
    json_bytes: int | None = DefaultLimit(2 * MIB)
    json_values: int | None = DefaultLimit(1_000_000)
    path_bytes: int | None = DefaultLimit(8 * KIB)
    query_bytes: int | None = DefaultLimit(64 * KIB)
    query_params: int | None = DefaultLimit(1000)
    header_fields: int | None = DefaultLimit(200)
    header_bytes: int | None = DefaultLimit(64 * KIB)
    form_fields: int = DefaultLimit(1000)
    form_files: int = DefaultLimit(100)
    form_part_bytes: int = DefaultLimit(MIB)
    form_text_bytes: int = DefaultLimit(4 * MIB)
    websocket_message_bytes: int | None = DefaultLimit(MIB)
    worker_threads: int = DefaultLimit(40)

    def __post_init__(self) -> None:
        """Raises TypeError or ValueError for what limits nothing, as a text or a number below 0."""
        for name in Limits.__slots__:
            said = getattr(self, name)
            if said is None and name in _NEVER_NONE:
                raise TypeError(f"`Limits({name}=None)`: this limit cannot be lifted; give a larger number")
            if said is None:
                continue
            if isinstance(said, bool) or not isinstance(said, int):
                raise TypeError(f"`Limits({name}={said!r})`: a bound is a whole number, or None")
            if said < 0:
                raise ValueError(f"`Limits({name}={said!r})`: a bound is 0 or more, or None")


_NEVER_NONE = frozenset({"form_fields", "form_files", "form_part_bytes", "form_text_bytes", "worker_threads"})

# Outside of an `App`, which has limits of its own, forms have these.
PLAIN_LIMITS = Limits(form_files=1000)


def limits_within(own: Limits, around: Limits | None) -> Limits:
    """The limits of an application inside of another: what it sets itself counts, its defaults raise nothing."""
    if around is None or around is own:
        return own
    lower: dict[str, Any] = {}
    for name in _LAYERED:
        mine, outer = getattr(own, name), getattr(around, name)
        if type(mine) is DefaultLimit and outer is not None and outer < mine:
            lower[name] = outer
    return replace(own, **lower) if lower else own


# Threads are counted by each application for itself.
_LAYERED = tuple(name for name in Limits.__slots__ if name != "worker_threads")


def limited_by_body(limits: Limits) -> Limits:
    """The same limits; what limits each body limits JSON and the text of forms, too."""
    most = limits.body_bytes
    if most is None or (limits.json_bytes is not None and limits.json_bytes <= most >= limits.form_text_bytes):
        return limits
    json_bytes = most if limits.json_bytes is None else min(limits.json_bytes, most)
    return replace(limits, json_bytes=json_bytes, form_text_bytes=min(limits.form_text_bytes, most))


# What a response says of a limit that was exceeded. The name of the field, which is Python's, is for the log.
_EXCEEDED = {
    "body_bytes": "body exceeds {} bytes",
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


def exceeded_text(limit: str, bound: float) -> str:
    """What a client reads where a request exceeds a limit: the limit in plain words, and its value."""
    return _EXCEEDED.get(limit, "request exceeds a limit of {}").format(int(bound))


def log_exceeded(scope: Scope, text: str, hint: str) -> None:
    """Tell the developer which setting raises the limit that a request exceeded: a warning in debug mode.

    Otherwise a line for debugging, as any client can cause as many as it likes.
    """
    level = logging.WARNING if getattr(scope.get("app"), "debug", False) else logging.DEBUG
    _log.log(
        level, "%s %.200r: %s; raise the limit by %s", scope.get("method", "WEBSOCKET"), scope.get("path"), text, hint
    )


def check_limits(limits: object) -> None:
    """Refuse what is given as `limits=` and is none. Raises TypeError, which says how to write them."""
    if limits is not None and not isinstance(limits, Limits):
        raise TypeError(
            f"`limits=` takes `Limits(...)`, and was given {limits!r}; write `limits=Limits(body_bytes=...)`"
        )

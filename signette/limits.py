"""How much a request may bring. One frozen record, so that an application's bounds are read in one place."""

import logging
from dataclasses import dataclass

from signette.types import Scope

_log = logging.getLogger("signette.limits")

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds that an `App` holds its requests to; `None` lifts a bound.

    Give those that you change: `App(limits=Limits(json_bytes=8 * 1024 * 1024))`. A refusal names its field.
    """

    body_bytes: int | None = 16 * MIB
    json_bytes: int | None = 2 * MIB
    path_bytes: int | None = 8 * KIB
    query_bytes: int | None = 64 * KIB
    query_params: int | None = 1000
    header_fields: int | None = 200
    header_bytes: int | None = 64 * KIB
    form_fields: int = 1000
    form_files: int = 100
    form_part_bytes: int = MIB
    form_text_bytes: int = 4 * MIB
    websocket_message_bytes: int | None = MIB
    worker_threads: int = 40

    def __post_init__(self) -> None:
        """Raises TypeError or ValueError for what bounds nothing, as a text or a number below 0."""
        for name in self.__slots__:
            said = getattr(self, name)
            if said is None:
                continue
            if isinstance(said, bool) or not isinstance(said, int):
                raise TypeError(f"`Limits({name}={said!r})`: a bound is a whole number, or None")
            if said < 0:
                raise ValueError(f"`Limits({name}={said!r})`: a bound is 0 or more, or None")


# What a response says of a limit that was exceeded. The name of the field, which is Python's, is for the log.
_EXCEEDED = {
    "body_bytes": "body exceeds {} bytes",
    "json_bytes": "JSON body exceeds {} bytes",
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

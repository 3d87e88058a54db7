"""Unknown query parameters at a request: each is an error, or a line in the log."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from signette.declarative.errors.base import closest_match
from signette.exceptions import ErrorEntry
from signette.problems import MAX_ERRORS
from signette.types import Scope

_log = logging.getLogger("signette.unknown")


_MOST_LETTERS = 64  # of a name that is told or compared: comparing costs the square of its length


def unknown_names(found: Iterable[str], known: frozenset[str]) -> list[str]:
    """The names that nobody reads. A known name that ends in `[` stands for all that begin so."""
    return [name for name in found if name not in known and name[: name.find("[") + 1] not in known]


def reject_unknown(found: Mapping[str, Any], known: frozenset[str]) -> list[ErrorEntry]:
    """An entry for each unknown name, with the known one that is most like it."""
    entries: list[ErrorEntry] = []
    for name in unknown_names(found, known)[:MAX_ERRORS]:
        near = closest_match(name[:_MOST_LETTERS], (each for each in sorted(known) if not each.endswith("[")))
        message = "Extra inputs are not permitted" + (f"; the nearest known is `{near}`" if near else "")
        entries.append({"in": "query", "name": name, "code": "extra_forbidden", "message": message})
    return entries


def log_unknown(found: Mapping[str, Any], known: frozenset[str], scope: Scope) -> None:
    """One line in the log for a request: its names, and no value."""
    names = unknown_names(found, known)
    if names:
        told = ", ".join(repr(name[:_MOST_LETTERS]) for name in names[:MAX_ERRORS])
        _log.warning("%s %s: nobody reads %s", scope.get("method", "WEBSOCKET"), _route_of(scope), told)


def _route_of(scope: Scope) -> str:
    return repr(scope.get("path", "")[:1024])[1:-1]

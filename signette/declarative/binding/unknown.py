"""Unknown query parameters of a request: rejected, or logged."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from signette.declarative.errors.base import closest_match
from signette.exceptions import ErrorEntry
from signette.problems import MAX_ERRORS
from signette.types import Scope

_log = logging.getLogger("signette.unknown")
# Longer names are cut: comparing two names takes quadratic time.
_MAX_NAME_LENGTH = 64


def unknown_names(found: Iterable[str], known: frozenset[str]) -> list[str]:
    """The names that are not known. A known name that ends in `[` means all names with this prefix."""
    return [name for name in found if name not in known and name[: name.find("[") + 1] not in known]


def reject_unknown(found: Mapping[str, Any], known: frozenset[str]) -> list[ErrorEntry]:
    """One error entry for each unknown name, with the closest known name."""
    entries: list[ErrorEntry] = []
    for name in unknown_names(found, known)[:MAX_ERRORS]:
        near = closest_match(name[:_MAX_NAME_LENGTH], (each for each in sorted(known) if not each.endswith("[")))
        message = "Extra inputs are not permitted" + (f"; the nearest known is `{near}`" if near else "")
        entries.append({"in": "query", "name": name, "code": "extra_forbidden", "message": message})
    return entries


def log_unknown(found: Mapping[str, Any], known: frozenset[str], scope: Scope) -> None:
    """Log the unknown names of a request in one line, without their values."""
    names = unknown_names(found, known)
    if names:
        shown = ", ".join(repr(name[:_MAX_NAME_LENGTH]) for name in names[:MAX_ERRORS])
        _log.warning("%s %s: unknown query parameters %s", scope.get("method", "WEBSOCKET"), _path_of(scope), shown)


def _path_of(scope: Scope) -> str:
    return repr(scope.get("path", "")[:1024])[1:-1]

"""The option `cursor_keys=` of an application: the secrets that sign the cursors of pages."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from signette.declarative.errors import pages as page_errors
from signette.declarative.routing.options import OwnOptions
from signette.declarative.routing.planned import PlannedRoute
from signette.declarative.sources.cursor_tokens import MIN_SECRET_BYTES

_log = logging.getLogger("signette.pages")

# The same in all processes, so that cursors outlive a reload. Only `App(debug=True)` has it, which is for development.
DEVELOPMENT_KEY = b"signette: only for development"


def cursor_keys_of(options: OwnOptions) -> tuple[bytes, ...]:
    """The keys of an application as bytes.

    Raises:
        TypeError: it is not a list of texts or bytes.
        ValueError: a secret is short.
    """
    value: Any = options.get("cursor_keys") or ()
    if not isinstance(value, list | tuple):
        raise TypeError(f"`cursor_keys=` must be a list of secrets, got `{type(value).__name__}`")
    for each in value:
        if not isinstance(each, str | bytes):
            raise TypeError(f"each secret of `cursor_keys=` must be a `str` or `bytes`, got `{type(each).__name__}`")
    found = tuple(each.encode() if isinstance(each, str) else bytes(each) for each in value)
    if any(len(each) < MIN_SECRET_BYTES for each in found):
        raise ValueError(f"each secret of `cursor_keys=` must have at least {MIN_SECRET_BYTES} bytes")
    return found


def check_cursor_keys(routes: Iterable[PlannedRoute], app: Any) -> None:
    """When an application starts, reject operations with cursors if it has no keys; with `debug=True`, log them.

    So are those of the applications that it has mounted, which would only start with their first request.

    Raises SignatureError.
    """
    for mounted in _mounted_apps(app.routes):
        check_cursor_keys((each for each in mounted._planned(mounted) if each._plan is not None), mounted)
    if app.cursor_keys:
        return
    for route in routes:
        paging = route.plan.reply.paging
        if paging is None or paging.parameter != "cursor":
            continue
        if not app.debug:
            raise page_errors.missing_cursor_keys(route.plan.where)
        _log.warning("cursors are signed with a key for development, because `App(cursor_keys=[...])` is not set")
        app.cursor_keys = (DEVELOPMENT_KEY,)
        return


def _mounted_apps(routes: Iterable[Any]) -> Iterator[Any]:
    """The applications with typed endpoints among the mounts, those of routers in between included."""
    for route in routes:
        mounted = getattr(route, "mounted_app", None)
        if hasattr(mounted, "cursor_keys"):
            yield mounted
        else:
            yield from _mounted_apps(getattr(route, "routes", None) or ())

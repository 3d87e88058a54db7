"""Start-up errors with location, problem and hint: a function for each. The callers decide when to raise them.

The modules are imported when the first of their errors is made: an application without errors never loads them.
"""

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

_MODULES = (
    "bodies", "channels", "class_views", "conditional", "dependencies", "executors", "formats", "guards", "jobs",
    "metadata", "options", "pages", "parameters", "patches", "policies", "resources", "results", "routers", "sockets",
    "sources", "state", "streams", "tools", "uploads", "values",
)  # fmt: skip


class _Later:
    """A module of this package, for those that call its functions or keep them in a table."""

    def __init__(self, name: str) -> None:
        self._name = f"{__name__}.{name}"

    def __getattr__(self, name: str) -> Any:
        return partial(_call, self._name, name)


def _call(module: str, function: str, *arguments: Any, **options: Any) -> Any:
    return getattr(import_module(module), function)(*arguments, **options)


if not TYPE_CHECKING:
    globals().update({name: _Later(name) for name in _MODULES})

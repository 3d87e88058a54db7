"""Starlette and frameworks built on it, if the process has loaded them. Signette never imports them.

Their classes are found by module and name in `sys.modules`.
"""

import sys
from typing import Any

from signette.types import Scope


def loaded_class(module: str, name: str) -> Any:
    """A class of another package. None if its module is not loaded."""
    return getattr(sys.modules.get(module), name, None)


def is_own_app(app: Any) -> bool:
    """Whether an application or router is signette's."""
    return bool(getattr(app, "reads_path_as_sent", False))


def has_own_app(scope: Scope) -> bool:
    """Whether the application around a route is signette's. True without an application."""
    app = scope.get("app", scope.get("router"))
    return app is None or is_own_app(app)

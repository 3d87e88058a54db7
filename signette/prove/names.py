"""The names that a test imports the application and its hooks by."""

import sys
from typing import Any


def name_of_app(app: Any) -> str:
    """`module:name` of an application in an imported module; `main:app` if none has it."""
    for module_name, module in sorted(sys.modules.items(), key=lambda pair: (pair[0].count("."), pair[0])):
        if module is None or module_name == "__main__":
            continue
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if value is app and name.isidentifier() and not name.startswith("_"):
                return f"{module_name}:{name}"
    return "main:app"


def name_of(function: Any) -> str | None:
    """`module:name` of a function of a module; None for another one, and for None."""
    name, module = getattr(function, "__qualname__", ""), getattr(function, "__module__", None)
    return f"{module}:{name}" if module and name.isidentifier() else None

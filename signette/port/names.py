"""Where each name of FastAPI and Starlette is in signette.

Modules and names are alike, so the tables hold only what is not. Whether a name is there is asked of signette itself,
so the tables cannot promise a name that does not exist, or miss one that does.
"""

import warnings
from functools import cache
from importlib import import_module
from types import ModuleType

FRAMEWORKS = ("fastapi", "starlette")

# Modules that have another name here. Every other `fastapi.x` and `starlette.x` is `signette.x`.
MODULES = {
    "fastapi": "signette",
    "fastapi.param_functions": "signette",
    "fastapi.sse": "signette.responses",
    "starlette": "signette",
}

# Names that have another name here.
RENAMED = {
    "fastapi.FastAPI": "signette.App",
    "fastapi.applications.FastAPI": "signette.App",
    "fastapi.APIRouter": "signette.Router",
    "fastapi.routing.APIRouter": "signette.Router",
    "starlette.applications.Starlette": "signette.applications.Application",
    "starlette.exceptions.StarletteDeprecationWarning": "signette.exceptions.SignetteDeprecationWarning",
}

# Names that begin with an underscore and are used all the same, for want of another.
UNDERSCORED = {"__version__", "_TemplateResponse"}

# Modules of the same name that hold something else.
UNLIKE = {"fastapi.cli", "fastapi.__main__"}

# Starlette's modules show the names that they import: `from starlette.requests import Headers`. Here each name is in
# the module that defines it.
HOMES = (
    "signette.datastructures",
    "signette.requests",
    "signette.responses",
    "signette.websockets",
    "signette.exceptions",
    "signette.background",
    "signette.concurrency",
    "signette.types",
)


def is_framework(dotted: str) -> bool:
    """Whether a dotted name starts with `fastapi` or `starlette`."""
    return dotted.partition(".")[0] in FRAMEWORKS


@cache
def module_counterpart(there: str) -> str | None:
    """The module of signette that has the names of a module there, or None."""
    if there in UNLIKE or "._" in there:
        return None
    here = MODULES.get(there)
    if here is None:
        first, dot, rest = there.partition(".")
        here = f"{MODULES[first]}{dot}{rest}"
    return here if _module(here) else None


@cache
def counterpart(there: str) -> str | None:
    """The dotted name in signette of a name, or a module, of FastAPI or Starlette. None if there is no such name."""
    if there in RENAMED:
        return RENAMED[there]
    module, _, name = there.rpartition(".")
    if not module:
        return module_counterpart(there)
    if (here := module_counterpart(module)) and _has(here, name):
        return f"{here}.{name}"
    return module_counterpart(there) if is_module(there) else _home_of(name)


@cache
def is_module(there: str) -> bool:
    """Whether the dotted name is a module of FastAPI or Starlette that signette has, too."""
    return there in MODULES or (is_framework(there) and module_counterpart(there) is not None)


def _home_of(name: str) -> str | None:
    return next((f"{module}.{name}" for module in HOMES if _defines(module, name)), None)


def _has(module: str, name: str) -> bool:
    """Whether a module of signette has a public name. A submodule is not a name of its module."""
    found = _module(module)
    if found is None or (name.startswith("_") and name not in UNDERSCORED):
        return False
    imported = name in vars(found) and name not in getattr(found, "__all__", (name,))
    with warnings.catch_warnings(action="ignore"):  # of names that are deprecated on both sides
        return not imported and hasattr(found, name) and not isinstance(getattr(found, name), ModuleType)


def _defines(module: str, name: str) -> bool:
    """Whether a module has the name and is not only one that imports it for its own use."""
    if not _has(module, name):
        return False
    found = _module(module)
    return name in getattr(found, "__all__", ()) or getattr(getattr(found, name), "__module__", module) == module


@cache
def _module(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ModuleNotFoundError as exc:
        if exc.name is None or not f"{name}.".startswith(f"{exc.name}."):
            raise
        return None

"""Starlette and frameworks built on it, if the process has loaded them. Signette never imports them.

Their classes are found by module and name in `sys.modules`.
"""

import inspect
import sys
from functools import lru_cache
from typing import Any
from weakref import ref

from signette._per_class import PerClass
from signette.types import Scope


def is_loaded(package: str) -> bool:
    """Whether the process has imported a package."""
    return package in sys.modules


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


def is_response(value: Any) -> bool:
    """Whether a value is a response: an ASGI application with a status and header fields."""
    return (
        callable(value)
        and not isinstance(value, type)
        and hasattr(value, "status_code")
        and (hasattr(value, "raw_headers") or hasattr(value, "headers"))
    )


def is_response_class(cls: Any) -> bool:
    """Whether the instances of a class are responses, as far as the class shows."""
    return isinstance(cls, type) and _response_classes[ref(cls)]


def _has_response_attributes(cls: type) -> bool:
    if not inspect.iscoroutinefunction(getattr(cls, "__call__", None)):  # noqa: B004 - its instances are called
        return False
    names = {name for base in cls.__mro__ for name in (*vars(base), *getattr(base, "__annotations__", ()))}
    return bool(names & {"status_code", "media_type"}) and bool(names & {"headers", "raw_headers"})


_response_classes = PerClass(_has_response_attributes)


def is_kind_of(cls: Any, response_class: type) -> bool:
    """Whether a class is a response class of signette, or derived from a class of the same name of a framework."""
    if isinstance(cls, type) and issubclass(cls, response_class):
        return True
    return is_response_class(cls) and any(base.__name__ == response_class.__name__ for base in cls.__mro__)


def shared_class(cls: Any) -> Any:
    """A subclass of a middleware class that is also one of Starlette's class of the same name, if that is loaded.

    Packages for tracing check the class of the outermost middleware. All methods are those of signette's class.
    """
    theirs = loaded_class(cls.__module__.replace("signette.", "starlette.", 1), cls.__name__)
    return cls if theirs is None else _subclass(cls, theirs)


@lru_cache(maxsize=8)
def _subclass(cls: type, theirs: type) -> Any:
    return type(cls)(cls.__name__, (cls, theirs), {"__module__": cls.__module__, "__doc__": cls.__doc__})

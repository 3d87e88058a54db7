"""Import the application that a command line names, or find one in the current folder."""

import importlib
import os
import sys
from pathlib import Path
from typing import Any

from signette.applications import Application
from signette.cli.errors import UsageError

# Where `dev` looks for an application without a name, in this order.
CANDIDATES = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py", "app/__init__.py")
APP_HELP = "the application: `module:name`, `module` (its `app`), or a file: `shop/main.py` or `shop/main.py:api`"


def find_application() -> str:
    """The file of the application in the current folder: `main.py`, `app.py`, `api.py`, or one of these in `app/`.

    A package with the name of the folder is searched, too.

    Raises:
        UsageError: there is no such file.
    """
    folder = Path.cwd()
    own = [f"{folder.name}/{name}" for name in ("main.py", "app.py", "api.py", "__init__.py")]
    found = next((name for name in (*CANDIDATES, *own) if (folder / name).is_file()), None)
    if found is None:
        names = ", ".join(f"`{name}`" for name in CANDIDATES[:3])
        raise UsageError(
            f"no application in this folder: it has none of {names}\n  hint: name a file: `signette dev shop.py`"
        )
    return found


def import_string(name: str) -> str:
    """Turn the application's name into `module:attribute`, and make the module's folder importable.

    Raises:
        UsageError: there is no such file or module.
    """
    drive, rest = name[:2], name[2:]  # the colon of `C:\shop\main.py` does not end the module
    if not (drive[:1].isalpha() and drive[1:] == ":" and rest[:1] in {"\\", "/"}):
        drive, rest = "", name
    module, _, attribute = rest.partition(":")
    module = drive + module
    if not module:
        raise UsageError(f"`{name}` has no module name\n  hint: write `module:name`, or the path of a file")
    if module.endswith(".py") or "/" in module or os.sep in module:
        module = _module_of_file(Path(module))
    elif "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
        _export_path(Path.cwd())
    return f"{module}:{attribute or _attribute_in(module)}"


def asgi_application(name: str) -> Any:
    """Import an ASGI application: a `signette.App`, or one that is wrapped in middleware by hand.

    Raises:
        UsageError: there is no application of this name.
    """
    module_name, _, attribute = import_string(name).partition(":")
    module = _import(module_name)
    app = getattr(module, attribute, None)
    if callable(app) and not isinstance(app, type):
        return app
    if app is not None:
        raise _not_an_application(f"{module_name}:{attribute}", app)
    found = _applications_of(module)
    hint = f"use one that it has: `{module_name}:{found[0]}`" if found else "add one: `app = App()`"
    raise UsageError(f"module `{module_name}` has no attribute `{attribute}`\n  hint: {hint}")


def _not_an_application(name: str, value: Any) -> UsageError:
    return UsageError(
        f"`{name}` is not an application: its type is `{type(value).__name__}`\n  hint: name a `signette.App`"
    )


def load_object(name: str) -> Any:
    """Import a function or a class: `module:name`.

    Raises:
        UsageError: the module has no callable of this name.
    """
    module_name, colon, attribute = name.partition(":")
    if not colon or not module_name or not attribute:
        raise UsageError(f"`{name}` is not `module:name`\n  hint: write it as `shop.laws:NoServerHeader`")
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    module = _import(module_name)
    if not callable(found := getattr(module, attribute, None)):
        raise UsageError(f"module `{module_name}` has no function or class `{attribute}`")
    return found


def load(name: str) -> Application:
    """Import an application without the middleware that wraps it.

    Raises:
        UsageError: there is no application of this name.
    """
    app = asgi_application(name)
    while not isinstance(app, Application):
        inner = getattr(app, "app", None)
        if inner is None:
            raise _not_an_application(name, app)
        app = inner
    return app


def _import(module: str) -> Any:
    if "" in module.split("."):
        raise UsageError(f"`{module}` is not a module name\n  hint: write it as in an import: `shop.main`")
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as exc:
        if exc.name is None or not f"{module}.".startswith(f"{exc.name}."):
            raise  # the module exists, but one of its imports does not
        raise UsageError(
            f"no module named `{module}`\n  hint: run the command in the folder that contains it"
        ) from None


def _applications_of(module: Any) -> list[str]:
    """Names of the applications in a module, one name per application."""
    found = {id(value): str(name) for name, value in reversed(vars(module).items()) if isinstance(value, Application)}
    return list(reversed(found.values()))


def _attribute_in(module: str) -> str:
    """`app`, or the name of the only application in the module."""
    loaded = _import(module)
    found = _applications_of(loaded)
    if hasattr(loaded, "app") or not found:
        return "app"
    if len(found) > 1:
        raise UsageError(
            f"module `{module}` has several applications: {', '.join(found)}\n  hint: choose one: `{module}:{found[0]}`"
        )
    return found[0]


def _module_of_file(file: Path) -> str:
    """The dotted module name of a file. Puts the folder above its package on `sys.path`."""
    file = file.resolve()
    if file.is_dir():
        file /= "__init__.py"
    if not file.is_file():
        raise UsageError(
            f"no file `{file.name}` in folder `{file.parent.name}`\n  hint: write the path relative to this folder"
        )
    parts = [] if file.stem == "__init__" else [file.stem]
    folder = file.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    if parts[0] in sys.stdlib_module_names:
        raise UsageError(f"`{parts[0]}` is the name of a standard library module\n  hint: rename the file")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    _export_path(folder)
    return ".".join(parts)


def _export_path(folder: Path) -> None:
    """Add the folder to PYTHONPATH, for the processes that uvicorn starts for workers and reloads."""
    known = os.environ.get("PYTHONPATH", "")
    if str(folder) not in known.split(os.pathsep):
        os.environ["PYTHONPATH"] = os.pathsep.join(part for part in (str(folder), known) if part)

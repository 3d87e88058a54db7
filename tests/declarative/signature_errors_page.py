"""The reference page on errors in signatures, made from the examples in `signature_errors/`.

A program of the page is an example as a user would write it: with an application in place of the function that gets
one, and with a decorator. The message is the one that this program raises, so that its lines are the page's.
"""

import ast
import importlib
import inspect
import pkgutil
import re
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

from signette.app import App
from signette.declarative import errors
from signette.declarative.errors.base import SignatureError
from signette.testclient import TestClient

HERE = Path(__file__).parent / "signature_errors"
MODULES = [importlib.import_module(f"{errors.__name__}.{each.name}") for each in pkgutil.iter_modules(errors.__path__)]
# The headings of the page in order, each with the modules of `signette/declarative/errors/` whose errors it has.
SECTIONS = {
    "Parameters": ["parameters"],
    "Types, defaults and constraints of parameters": ["values"],
    "Patches": ["patches"],
    "Uploaded files": ["uploads"],
    "Conditional requests": ["conditional"],
    "Request bodies": ["bodies"],
    "Request streams": ["streams"],
    "Markers and metadata without effect": ["metadata"],
    "Dependencies": ["dependencies"],
    "Threads and processes": ["executors"],
    "Class-based views": ["class_views"],
    "Resources": ["resources"],
    "Return types": ["results"],
    "Pages": ["pages"],
    "Formats and envelopes": ["formats"],
    "Channels and events": ["channels"],
    "Tools for agents": ["tools"],
    "Typed WebSockets": ["sockets"],
    "State": ["state"],
    "Routes and their options": ["base", "options"],
    "Middleware and exception handlers of routers": ["routers"],
    "Custom sources": ["sources"],
    "Dependencies of plain routes": ["guards"],
    "Policies": ["policies"],
    "Jobs": ["jobs"],
}
HEAD = """\
# Errors in signatures

This page lists the errors in signatures and in options of routes, each with an invalid program, its message, and a
corrected program.

The message of a `SignatureError` has three lines: the location, the problem and a hint. Most errors are raised when the
route is created, the others when the application starts. To find an error, search this page for a part of its message.
"""
# Words of headings that the names of functions write differently.
SPELLINGS = {
    "Websocket": "WebSocket",
    "websocket": "WebSocket",
    "json": "JSON",
    "get": "GET",
    "openapi": "OpenAPI",
    "annotated": "`Annotated`",
    "alias path": "`AliasPath`",
    "Import string": "`ImportString`",
    "Depends": "`Depends()`",
    "without depends": "without `Depends()`",
    "forward ref": "forward reference",
}
# Last lines that pass an endpoint to a call, which is a decorator on the page.
ON_APP = re.compile(r"(app\.\S.*)\((\w+)\)")
ON_ROUTER = re.compile(r"(Router\(.*?\))(\.\w+\(.*\))\((\w+)\)")
IGNORED = re.compile(r"  # type: ignore\b.*")


def errors_of(module: types.ModuleType) -> list[str]:
    """The names of its functions that make an error, in the order of the file."""
    functions = [
        (inspect.getsourcelines(function)[1], name)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and inspect.signature(function).return_annotation is SignatureError
    ]
    return [name for _, name in sorted(functions)]


def page() -> str:
    """The page as Markdown."""
    modules = {module.__name__.rpartition(".")[2]: module for module in MODULES}
    parts = [HEAD]
    for heading, names in SECTIONS.items():
        parts.append(f"## {heading}\n")
        parts += [section(error) for name in names for error in errors_of(modules[name])]
    return "\n".join(parts)


def section(name: str) -> str:
    """The part of the page on one error."""
    invalid = program(HERE / f"{name}.py")
    return f"""\
### {title(name)}

```py
{invalid}
```

```text
{message(invalid)}
```

Corrected:

```python
{program(HERE / "corrected" / f"{name}.py")}
```
"""


def title(name: str) -> str:
    """The heading of an error, from the name of its function."""
    words = name.replace("_", " ").capitalize()
    for plain, spelling in SPELLINGS.items():
        words = re.sub(rf"\b{plain}\b", spelling, words)
    return words


def program(path: Path) -> str:
    """An example as a user would write it."""
    before, _, body = IGNORED.sub("", path.read_text("utf-8")).partition("def declare(app: App) -> None:\n")
    code, last = before.strip(), dedent(body).strip()
    if last.startswith("App("):
        return f"{code}\n\n\napp = {last}"
    if with_router := ON_ROUTER.fullmatch(last):
        code = re.sub(r"(?m)^(from signette import )App, ", r"\1", code)
        router, route, endpoint = with_router.groups()
        return decorated(code, endpoint, f"router = {router}\n\n\n@router{route}\n")
    imports = end_of_imports(code)
    rest = code[imports:].lstrip()
    blank = "\n\n" if re.match(r"@|class |def |async ", rest) else ""
    code = f"{code[:imports].rstrip()}\n\napp = App()\n{blank}{rest}"
    if registered := ON_APP.fullmatch(last):
        route, endpoint = registered.groups()
        if f"def {endpoint}(" in code:
            return decorated(code, endpoint, f"@{route}\n")
    return f"{code.rstrip()}\n\n\n{last}"


def decorated(code: str, endpoint: str, before: str) -> str:
    """The code with other lines before an endpoint."""
    return re.sub(rf"(?m)^(?=(?:async )?def {endpoint}\()", lambda _: before, code)


def end_of_imports(code: str) -> int:
    """The number of characters up to the first statement that imports nothing, also not for type checkers."""
    imported = 0
    for statement in ast.parse(code).body:
        if not isinstance(statement, ast.Import | ast.ImportFrom | ast.If):
            break
        imported = statement.end_lineno or 0
    return sum(map(len, code.splitlines(keepends=True)[:imported]))


def message(invalid: str) -> str:
    """What a program raises as `main.py`, in the folder `shop`."""
    try:
        start(invalid)
    except SignatureError as error:
        return str(error)
    raise AssertionError(f"the program raises no SignatureError:\n{invalid}")


def start(code: str) -> None:
    """Run a program, and start its application: its own, or one with its router."""
    with main_module() as module:
        exec(compile(code, "shop/main.py", "exec", dont_inherit=True), vars(module))
        if not hasattr(module, "app"):
            module.app = App()
            module.app.include_router(module.router)
        with TestClient(module.app):
            pass


@contextmanager
def main_module() -> Iterator[Any]:
    """A module for a program: annotations look names up in `sys.modules`."""
    module = types.ModuleType("main")
    sys.modules["main"] = module
    try:
        yield module
    finally:
        del sys.modules["main"]

"""The files of the runtime as the part of a generated module that sends requests and reads responses.

Theory of operation. The files import the standard library, pydantic, httpx2 and each other, and no two define one name.
So their text, one after the other, with all imports at the top, is one module. A module has the files that the names it
uses are in, and those that these import.
"""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files

__all__ = ["RuntimeFile", "defined_names", "home_of", "members_of", "runtime_files", "runtime_names"]

PACKAGE = "signette.client.runtime"
# Imported where they are used. Type checkers need not know them: the program may not use what needs them.
OPTIONAL = ("ormsgpack", "stamina", "websockets")


@dataclass(frozen=True)
class RuntimeFile:
    """A file of the runtime, without its imports."""

    name: str
    doc: str
    body: str
    imports: frozenset[tuple[str, str]]
    """Modules and names that it imports; an empty name for the whole module."""
    needs: frozenset[str] = frozenset()
    """The files that it imports."""
    names: frozenset[str] = field(default_factory=frozenset)
    """The names that it defines."""


def runtime_files(names: Iterable[str]) -> list[RuntimeFile]:
    """The files that define these names, and those that they import, each after what it imports."""
    every = _all_files()
    pending = [home_of(name) for name in names]
    found: dict[str, RuntimeFile] = {}
    while pending:
        name = pending.pop()
        if name not in found:
            found[name] = every[name]
            pending += every[name].needs
    graph = {name: sorted(file.needs) for name, file in sorted(found.items())}
    return [found[name] for name in TopologicalSorter(graph).static_order()]


def home_of(name: str) -> str:
    """The file that defines a name."""
    return next(file.name for file in _all_files().values() if name in file.names)


def defined_names() -> frozenset[str]:
    """All names that the runtime defines."""
    return frozenset(name for file in _all_files().values() for name in file.names)


@cache
def members_of(classes: tuple[str, ...]) -> frozenset[str]:
    """The names of the attributes and methods of classes of the runtime."""
    bodies = [
        each
        for name in classes
        for node in ast.parse(_all_files()[home_of(name)].body).body
        if isinstance(node, ast.ClassDef) and node.name == name
        for each in node.body
    ]
    return frozenset(name for each in bodies for name in _defined_by(each))


def runtime_names() -> frozenset[str]:
    """All names that the runtime defines or imports: those of the application's models are others."""
    return frozenset(
        defined_names() | {name or module for file in _all_files().values() for module, name in file.imports}
    )


@cache
def _all_files() -> dict[str, RuntimeFile]:
    folder = files(PACKAGE)
    return {
        name: _read(name, each.read_text("utf-8"))
        for each in sorted(folder.iterdir(), key=lambda each: each.name)
        if each.name.endswith(".py") and (name := each.name.removesuffix(".py")) != "__init__"
    }


def _read(name: str, text: str) -> RuntimeFile:
    tree = ast.parse(text)
    imports: set[tuple[str, str]] = set()
    needs: set[str] = set()
    last = tree.body[0].end_lineno or 0
    for node in tree.body:
        if isinstance(node, ast.Import):
            imports.update((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and str(node.module).startswith(f"{PACKAGE}."):
            needs.add(str(node.module).removeprefix(f"{PACKAGE}."))
        elif isinstance(node, ast.ImportFrom):
            imports.update((str(node.module), alias.name) for alias in node.names)
        else:
            continue
        last = node.end_lineno or last
    lines = _without_quotes(tree, _with_optional_imports(tree, text.splitlines(), imports))
    defined = frozenset(each for node in tree.body for each in _defined_by(node))
    body = "\n".join(lines[last:]).strip("\n")
    return RuntimeFile(name, ast.get_docstring(tree) or "", body, frozenset(imports), frozenset(needs), defined)


def _with_optional_imports(tree: ast.Module, lines: list[str], imports: set[tuple[str, str]]) -> list[str]:
    """The lines with `import stamina` as a call of `import_module`, which type checkers do not follow."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom) or not node.col_offset:
            continue
        module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        if module is None or module.partition(".")[0] not in OPTIONAL:
            continue
        imports.add(("importlib", "import_module"))
        call = f'import_module("{module}")'
        indent = " " * node.col_offset
        made = [
            f"{indent}{alias.name} = {call}" + (f".{alias.name}" if isinstance(node, ast.ImportFrom) else "")
            for alias in node.names
        ]
        lines[node.lineno - 1] = "\n".join(made)
        for index in range(node.lineno, node.end_lineno or 0):
            lines[index] = ""
    return lines


def _without_quotes(tree: ast.Module, lines: list[str]) -> list[str]:
    """The lines with annotations that are names: the module has `from __future__ import annotations`."""
    for node in ast.walk(tree):
        for each in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.end_col_offset is not None:
                line = lines[each.lineno - 1]
                lines[each.lineno - 1] = line[: each.col_offset] + each.value + line[each.end_col_offset :]
    return [re.sub(r"  # noqa: PLC0415.*", "", line) for line in lines]


def _defined_by(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]

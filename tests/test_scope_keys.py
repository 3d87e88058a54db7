"""The private keys of the scope: all in one module, each with a writer and a reader."""

import ast
import re
from pathlib import Path

import pytest

from signette import _scope_keys

PACKAGE = Path(__file__).parent.parent / "signette"
KEYS = {name: key for name, key in vars(_scope_keys).items() if name.isupper()}
TREES = {
    file.relative_to(PACKAGE): ast.parse(file.read_text(encoding="utf-8"))
    for file in PACKAGE.rglob("*.py")
    if file.stem != _scope_keys.__name__.rpartition(".")[2]
}


def uses_of(name: str) -> set[str]:
    """How the package uses a key: "set" (item, or entry of a dictionary), "read" (all else but the import)."""
    found = set()
    for tree in TREES.values():
        keys_set = {id(node.slice) for node in ast.walk(tree) if isinstance(node, ast.Subscript) and is_store(node)}
        keys_set |= {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys}
        found |= {
            "set" if id(node) in keys_set else "read"
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and node.id == name
        }
    return found


def is_store(node: ast.Subscript) -> bool:
    return isinstance(node.ctx, ast.Store)


def test_keys_differ_and_begin_with_the_package() -> None:
    assert len(set(KEYS.values())) == len(KEYS)
    assert all(key == f"signette.{name.lower()}" for name, key in KEYS.items())


def test_no_other_module_spells_a_key() -> None:
    spelled = re.compile("|".join(rf"(?<![\w.]){re.escape(key)}(?![\w.])" for key in KEYS.values()))
    found = [
        f"{file}:{node.lineno}: {node.value!r}"
        for file, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and spelled.search(node.value)
        # Modules of these names, where they are named: loggers, and the lazy names of the package.
        and node.value not in {"signette.limits", "signette.errors"}
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", KEYS)
def test_a_key_is_set_and_read(name: str) -> None:
    assert uses_of(name) == {"set", "read"}


def test_the_table_has_a_row_for_each_key() -> None:
    assert re.findall(r"^\| `(\w+)`", _scope_keys.__doc__ or "", re.MULTILINE) == list(KEYS)

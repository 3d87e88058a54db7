"""The private keys of the scope: all in one module, each with a writer and a reader."""

import ast
import re
from functools import cache

import pytest

from signette import _scope_keys
from tests.test_architecture import modules, tree_of

KEYS = {name: key for name, key in vars(_scope_keys).items() if name.isupper()}


@cache
def nodes() -> list[tuple[str, ast.AST]]:
    """Each node of the syntax trees of all other modules, with the module's name."""
    others = [module for module in modules() if module != _scope_keys.__name__]
    return [(module, node) for module in others for node in ast.walk(tree_of(module))]


@cache
def uses() -> set[tuple[str, str]]:
    """How the package uses names: "set" (item, or entry of a dictionary), "read" (all else but the import)."""
    keys_set = {id(node.slice) for _, node in nodes() if isinstance(node, ast.Subscript) and is_store(node)}
    keys_set |= {id(key) for _, node in nodes() if isinstance(node, ast.Dict) for key in node.keys}
    return {(node.id, "set" if id(node) in keys_set else "read") for _, node in nodes() if isinstance(node, ast.Name)}


def is_store(node: ast.Subscript) -> bool:
    return isinstance(node.ctx, ast.Store)


def test_keys_differ_and_begin_with_the_package() -> None:
    assert len(set(KEYS.values())) == len(KEYS)
    assert all(key == f"signette.{name.lower()}" for name, key in KEYS.items())


def test_no_other_module_spells_a_key() -> None:
    spelled = re.compile("|".join(rf"(?<![\w.]){re.escape(key)}(?![\w.])" for key in KEYS.values()))
    found = [
        f"{module}:{node.lineno}: {node.value!r}"
        for module, node in nodes()
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and spelled.search(node.value)
        # Modules of these names, where they are named: loggers, and the lazy names of the package.
        and node.value not in {"signette.limits", "signette.errors"}
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", KEYS)
def test_a_key_is_set_and_read(name: str) -> None:
    assert {use for used, use in uses() if used == name} == {"set", "read"}


def test_the_table_has_a_row_for_each_key() -> None:
    assert re.findall(r"^\| `(\w+)`", _scope_keys.__doc__ or "", re.MULTILINE) == list(KEYS)

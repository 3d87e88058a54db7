"""Rules for the tests themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.thorough

HERE = Path(__file__).parent


def own_statements(function: ast.AST) -> Iterator[ast.AST]:
    """What runs as part of a function, without the functions and classes that it defines."""
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield node
            yield from own_statements(node)


def early_returns(source: str) -> list[int]:
    """The lines on which a test returns before its end."""
    return [
        node.lineno
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name.startswith("test_")
        for node in own_statements(function)
        if isinstance(node, ast.Return)
    ]


def test_no_test_returns_before_its_end() -> None:
    """A case that returns passes untested: filter the parameters, or the strategy of Hypothesis."""
    broken = [
        f"{file.relative_to(HERE.parent)}:{line}"
        for file in sorted(HERE.rglob("*.py"))
        for line in early_returns(file.read_text(encoding="utf-8"))
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("def test_a(case):\n    if case:\n        return\n    assert case", [3]),
        ("async def test_a(case):\n    try:\n        f()\n    except ValueError:\n        return", [5]),
        ("class TestA:\n    def test_a(self):\n        for each in ():\n            return", [4]),
        ("def test_a():\n    def endpoint():\n        return 1\n    assert endpoint()", []),
        ("def test_a():\n    class A:\n        def f(self):\n            return 1", []),
        ("def helper():\n    return 1", []),
    ],
)
def test_every_early_return_is_seen(source: str, lines: list[int]) -> None:
    assert early_returns(source) == lines

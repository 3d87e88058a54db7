"""Rules for the tests themselves."""

import ast
import functools
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


def early_returns(tree: ast.Module) -> list[int]:
    """The lines on which a test returns before its end."""
    return [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name.startswith("test_")
        for node in own_statements(function)
        if isinstance(node, ast.Return)
    ]


def test_no_test_returns_before_its_end() -> None:
    """A case that returns passes untested: filter the parameters, or the strategy of Hypothesis."""
    broken = [
        f"{file.relative_to(HERE.parent)}:{line}"
        for file in sorted(HERE.rglob("*.py"))
        for line in early_returns(parsed(file))
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
    assert early_returns(ast.parse(source)) == lines


# What keeps the order of what it is given, so that it has none if that has none.
IN_ORDER = ("list", "tuple", "enumerate", "iter", "reversed", "map", "filter", "zip", "product", "chain")
SET_METHODS = ("union", "intersection", "difference", "symmetric_difference")


@functools.cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8") if file.exists() else "")


def assigned(tree: ast.Module) -> dict[str, ast.expr]:
    """The expressions of the names that a module assigns at its top."""
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {each.id: node.value for each in targets if isinstance(each, ast.Name)}
    return found


def imported(tree: ast.Module) -> dict[str, ast.expr]:
    """The expressions of the names that a module imports from this repository."""
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(("signette", "tests")):
            there = assigned(parsed(HERE.parent / f"{node.module.replace('.', '/')}.py"))
            found |= {each.asname or each.name: there[each.name] for each in node.names if each.name in there}
    return found


def is_unordered(value: ast.expr, names: dict[str, ast.expr]) -> bool:
    """Whether an expression makes a set, or takes its items from one, as far as the text shows."""

    def among(values: list[ast.expr]) -> bool:
        return any(is_unordered(each, names) for each in values)

    match value:
        case ast.Set() | ast.SetComp() | ast.Call(func=ast.Name(id="set" | "frozenset")):
            return True
        case ast.Call(func=ast.Attribute(attr=method)) if method in SET_METHODS:
            return True
        case ast.Call(func=ast.Name(id=function), args=items) if function in IN_ORDER:
            return among(items)
        case ast.BinOp(left=ast.Call(func=ast.Attribute(attr="keys" | "items")), op=ast.Sub() | ast.BitAnd()):
            return True
        case ast.BinOp(left=left, right=right):
            return among([left, right])
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return among([each.value for each in items if isinstance(each, ast.Starred)])
        case ast.ListComp(generators=loops) | ast.GeneratorExp(generators=loops) | ast.DictComp(generators=loops):
            return among([each.iter for each in loops])
        case ast.Name(id=name) if name in names:
            return is_unordered(names[name], {other: names[other] for other in names if other != name})
    return False


def parameters(call: ast.Call) -> Iterator[ast.expr]:
    """The parameters that a call of `parametrize` gives to tests, or a call of `fixture` to a fixture."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "parametrize":
        yield from call.args[1:2]
        yield from (each.value for each in call.keywords if each.arg == "argvalues")
    if isinstance(call.func, ast.Attribute) and call.func.attr == "fixture":
        yield from (each.value for each in call.keywords if each.arg == "params")


def unordered_parameters(tree: ast.Module) -> list[int]:
    """The lines of parameters that come from a set."""
    names = imported(tree) | assigned(tree)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [each.lineno for call in calls for each in parameters(call) if is_unordered(each, names)]


def test_parameters_have_an_order() -> None:
    """Each process of pytest-xdist must collect the same tests, but each one orders a set differently: sort it."""
    broken = [
        f"{file.relative_to(HERE.parent)}:{line}"
        for file in sorted(HERE.rglob("*.py"))
        for line in unordered_parameters(parsed(file))
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ("{1, 2}", [2]),
        ("{each for each in A}", [2]),
        ("frozenset(A)", [2]),
        ("A", [2]),
        ("[None, *A]", [2]),
        ("[*(A - {1}), None]", [2]),
        ("B.keys() - {1}", [2]),
        ("list(A)", [2]),
        ("A.union(B)", [2]),
        ("[each for each in A if each]", [2]),
        ("[(each, other) for each in B for other in A]", [2]),
        ("sorted(A)", []),
        ("[*sorted(A), {1}]", []),
        ("B", []),
        ("B.values()", []),
        ("[A, {1}, A | {3}]", []),
        ("READS", [2]),
        ("sorted(READS)", []),
    ],
)
@pytest.mark.parametrize(
    "call", ["m.parametrize('a', {})", "m.parametrize('a', argvalues={})", "pytest.fixture(params={})"]
)
def test_every_set_of_parameters_is_seen(call: str, values: str, lines: list[int]) -> None:
    names = "A = {1}; B = {}; from signette._http.conditional import READS"
    source = f"{names}\n@{call.format(values)}\ndef test_a(a): assert a"
    assert unordered_parameters(ast.parse(source)) == lines

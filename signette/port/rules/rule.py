"""A rule, and the view of a module that rules look at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import libcst as cst

from signette.port.findings import FROM_FASTAPI
from signette.port.names import counterpart, is_framework
from signette.port.tree import Tree


class View:
    """A module as rules see it: what a name refers to, and what is around a node.

    A name of FastAPI or Starlette and its counterpart in signette are the same to a rule, so that it finds the same
    before and after the imports are rewritten.
    """

    def __init__(self, tree: Tree, *, is_test: bool) -> None:
        self.tree = tree
        self.parents = tree.parents
        self.is_test = is_test

    def name_of(self, node: cst.CSTNode | None) -> str:
        """The name that signette gives what the expression refers to, without its module; else an empty text."""
        if not isinstance(node, cst.Name | cst.Attribute):
            return ""
        for dotted in self.tree.qualified(node):
            here = counterpart(dotted) if is_framework(dotted) else dotted
            if here and here.startswith("signette."):
                return here.rpartition(".")[2]
        return ""

    def function_of(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The function that a node is in."""
        parent = self.parents.get(node)
        while parent is not None and not isinstance(parent, cst.FunctionDef | cst.Lambda):
            parent = self.parents.get(parent)
        return parent

    def qualified(self, node: cst.CSTNode) -> set[str]:
        """The dotted names that an expression may refer to: `pathlib.Path` of `Path`."""
        return self.tree.qualified(node)


@dataclass(frozen=True)
class Rule:
    """Finds nodes of some types, and says what to do about them. `row` is the name of the page's row."""

    code: str
    row: str
    problem: str
    advice: str
    nodes: tuple[type[cst.CSTNode], ...]
    matches: Callable[[Any, View], bool]
    page: str = FROM_FASTAPI


def keywords(call: cst.Call) -> dict[str, cst.BaseExpression]:
    """The keyword arguments of a call."""
    return {arg.keyword.value: arg.value for arg in call.args if arg.keyword}


def text_of(node: cst.CSTNode | None) -> str | None:
    """The value of a string literal."""
    value = node.evaluated_value if isinstance(node, cst.SimpleString | cst.ConcatenatedString) else None
    return value if isinstance(value, str) else None


def key_of(node: cst.CSTNode) -> str | None:
    """The text in `value["text"]`."""
    if isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
        return text_of(node.slice[0].slice.value)
    return None

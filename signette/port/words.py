"""Which names a module uses, so that a new name clashes with none of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from signette.port.tree import Tree


@dataclass
class Words:
    """The names of a module."""

    counts: Counter[str] = field(default_factory=Counter)  # how often a name is used as a variable
    imported: set[str] = field(default_factory=set)  # what imports bind
    exported: set[str] = field(default_factory=set)  # the texts of `__all__`


def words_of(tree: Tree) -> Words:
    """The names of a module."""
    words = Words()
    for node in tree.nodes:
        if isinstance(node, cst.Name) and _is_variable(node, tree.parents[node]):
            words.counts[node.value] += 1
        elif isinstance(node, cst.ImportAlias):
            words.imported.add(_imported_by(node))
        elif isinstance(node, cst.Assign | cst.AnnAssign | cst.AugAssign) and _is_all(node):
            words.exported |= set(_texts(node))
    return words


def _is_variable(node: cst.Name, parent: cst.CSTNode) -> bool:
    """Not the `b` of `a.b`, of `f(b=1)` and of `import b`."""
    if isinstance(parent, cst.Attribute):
        return parent.value is node
    if isinstance(parent, cst.Arg):
        return parent.value is node
    return not isinstance(parent, cst.ImportAlias | cst.ImportFrom | cst.AsName)


def _imported_by(alias: cst.ImportAlias) -> str:
    name: cst.CSTNode = alias.asname.name if alias.asname else alias.name
    while isinstance(name, cst.Attribute):
        name = name.value
    return name.value if isinstance(name, cst.Name) else ""


def _is_all(node: cst.Assign | cst.AnnAssign | cst.AugAssign) -> bool:
    targets = [each.target for each in node.targets] if isinstance(node, cst.Assign) else [node.target]
    return any(isinstance(target, cst.Name) and target.value == "__all__" for target in targets)


def _texts(node: cst.Assign | cst.AnnAssign | cst.AugAssign) -> Iterator[str]:
    for element in getattr(node.value, "elements", ()):
        if isinstance(element.value, cst.SimpleString) and isinstance(value := element.value.evaluated_value, str):
            yield value

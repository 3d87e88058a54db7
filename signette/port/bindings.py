"""What the imports of FastAPI and Starlette bind in a module, and each place that uses it.

libcst's scope analysis says which name an access belongs to. So a local variable called `FastAPI`, or a parameter
called `fastapi`, is not taken for the import.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import libcst as cst
from libcst.helpers import get_full_name_for_node
from libcst.metadata import Access, Assignment, ImportAssignment, Scope

from signette.port.names import is_framework
from signette.port.tree import Tree


@dataclass(eq=False)
class Binding:
    """A name that one or more imports of a scope bind to a module or a name of FastAPI or Starlette."""

    local: str
    there: str  # the dotted name that it refers to
    whole: bool  # `import fastapi.responses` binds `fastapi`: a name by which all modules of the package are reached
    imports: list[tuple[cst.Import | cst.ImportFrom, cst.ImportAlias]] = field(default_factory=list)
    accesses: set[Access] = field(default_factory=set)
    alone: bool = True  # nothing else in the scope gives the name another value


@dataclass(frozen=True)
class Use:
    """An expression `fastapi.responses.JSONResponse`: the nodes from its first name outwards, each with its name."""

    nodes: tuple[cst.BaseExpression, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Bindings:
    """The bindings of a module, and the import statements that bind no single name."""

    found: list[Binding]
    stars: list[cst.ImportFrom]


def bindings_of(tree: Tree) -> Bindings:
    """Read the imports of a module."""
    scopes = {scope: None for scope in tree.scopes.values() if scope is not None}
    found = [binding for scope in scopes for binding in _bindings_in(scope)]
    found.sort(key=lambda binding: (tree.place(binding.imports[0][0]), binding.local))
    stars = [node for node in tree.all(cst.ImportFrom) if isinstance(node.names, cst.ImportStar)]
    return Bindings(found, [node for node in stars if is_framework(module_of(node) or "")])


def uses_of(binding: Binding, parents: Mapping[cst.CSTNode, cst.CSTNode]) -> Iterator[Use]:
    """The expressions that start with a binding. Accesses in text (annotations in quotes) are not among them."""
    for access in binding.accesses:
        first: cst.BaseExpression = access.node
        if not isinstance(first, cst.Name | cst.Attribute):
            continue
        while isinstance(first, cst.Attribute):  # libcst gives `fastapi.responses` for a dotted import
            first = first.value
        nodes, names = [first], [binding.there]
        while isinstance(parent := parents.get(nodes[-1]), cst.Attribute) and parent.value is nodes[-1]:
            nodes.append(parent)
            names.append(parent.attr.value)
        yield Use(tuple(nodes), tuple(names))


def quotes_are_plain(binding: Binding) -> bool:
    """Whether no annotation in quotes that uses the binding is put together of several texts."""
    return not any(isinstance(access.node, cst.ConcatenatedString) for access in binding.accesses)


def quoted_uses_of(binding: Binding) -> Iterator[cst.SimpleString]:
    """The annotations in quotes that use a binding."""
    seen: set[cst.SimpleString] = set()
    for access in binding.accesses:
        if isinstance(access.node, cst.SimpleString) and access.node not in seen:
            seen.add(access.node)
            yield access.node


def _bindings_in(scope: Scope) -> Iterator[Binding]:
    grouped: dict[tuple[str, str], Binding] = {}
    others: set[str] = set()  # names that something else gives a value
    imports = []
    for assignment in scope.assignments:
        if isinstance(assignment, ImportAssignment):
            imports.append(assignment)
        elif isinstance(assignment, Assignment):
            others.add(assignment.name)
    for assignment in sorted(imports, key=lambda each: each._index):
        statement, alias = assignment.node, _alias_of(assignment)
        if alias is None or not isinstance(statement, cst.Import | cst.ImportFrom):
            continue
        there = _dotted_of(statement, alias)
        if not is_framework(there):
            others.add(assignment.name)
            continue
        whole = isinstance(statement, cst.Import) and alias.asname is None
        local = there.partition(".")[0] if whole else assignment.name
        key = (local, local if whole else there)
        binding = grouped.setdefault(key, Binding(*key, whole))
        if all(known is not alias for _, known in binding.imports):
            binding.imports.append((statement, alias))
        binding.accesses |= set(assignment.references)
    counts = Counter(local for local, _ in grouped)
    for binding in grouped.values():
        binding.alone = binding.local not in others and counts[binding.local] == 1
        yield binding


def _alias_of(assignment: ImportAssignment) -> cst.ImportAlias | None:
    node = assignment.node
    if not isinstance(node, cst.Import | cst.ImportFrom) or isinstance(node.names, cst.ImportStar):
        return None
    for alias in node.names:
        if assignment.as_name is (alias.asname.name if alias.asname else alias.name):
            return alias
    return None


def _dotted_of(node: cst.Import | cst.ImportFrom, alias: cst.ImportAlias) -> str:
    """The whole name of what is imported; it begins with a dot where the import is relative."""
    name = get_full_name_for_node(alias.name)
    return str(name) if isinstance(node, cst.Import) else f"{module_of(node) or ''}.{name}"


def module_of(node: cst.CSTNode) -> str | None:
    """The module of a `from` import; None where it is relative."""
    if not isinstance(node, cst.ImportFrom) or node.relative or node.module is None:
        return None
    return get_full_name_for_node(node.module)

"""Decides what becomes of each import and of each use of it. Nothing is changed here: `rewriting` does that."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

import libcst as cst
from libcst.helpers import get_full_name_for_node

from signette.port.bindings import Binding, Bindings, Use, quoted_uses_of, quotes_are_plain, uses_of
from signette.port.names import counterpart, is_module, module_counterpart
from signette.port.tree import Tree
from signette.port.words import words_of


@dataclass(frozen=True)
class NewName:
    """One name of a `from` import: its module here, its name there, and the local name if that is another."""

    module: str
    name: str
    local: str | None


@dataclass(frozen=True)
class NewModule:
    """One `import module`, and its local name if it has one."""

    module: str
    local: str | None = None


@dataclass
class Changes:
    """What is to be done to a module."""

    names: dict[cst.ImportAlias, NewName] = field(default_factory=dict)
    modules: dict[cst.ImportAlias, list[NewModule]] = field(default_factory=dict)
    kept: set[cst.ImportAlias] = field(
        default_factory=set
    )  # of `modules`: the old import stays, the new ones follow it
    expressions: dict[cst.CSTNode, cst.BaseExpression] = field(default_factory=dict)
    left: list[tuple[cst.CSTNode, str]] = field(default_factory=list)


class Planner:
    """Plans the changes of one module."""

    def __init__(self, tree: Tree, bindings: Bindings, keep_names: Collection[str]) -> None:
        self.parents = tree.parents
        self.bindings = bindings
        self.keep_names = keep_names
        self.words = words_of(tree)
        self.uses = {binding: list(uses_of(binding, self.parents)) for binding in bindings.found}
        self.changes = Changes()

    def plan(self) -> Changes:
        """The changes of the whole module."""
        for binding in self.bindings.found:
            if is_module(binding.there) or binding.whole:
                self._plan_module(binding)
            else:
                self._plan_name(binding)
        return self.changes

    # -- names: `from fastapi import FastAPI` ------------------------------------------------------------------------

    def _plan_name(self, binding: Binding) -> None:
        here = counterpart(binding.there)
        if here is None:
            self.changes.left += [(alias, binding.there) for _, alias in binding.imports]
            return
        module, _, name = here.rpartition(".")
        renamed = binding.local != name and all(alias.asname is None for _, alias in binding.imports)
        uses = self.uses[binding]
        local = None
        if renamed and not self._may_rename(binding, name):
            local = binding.local
        elif renamed:
            for use in uses:
                self.changes.expressions[use.nodes[0]] = cst.Name(name)
            for text in quoted_uses_of(binding):
                self._rewrite_text(text, binding.local, name)
        for _, alias in binding.imports:
            self.changes.names[alias] = NewName(module, name, local)

    def _may_rename(self, binding: Binding, name: str) -> bool:
        """Whether every occurrence of the old name is one that is renamed, and the new name is free."""
        old, words = binding.local, self.words
        if not binding.alone or old in self.keep_names or {old, name} & words.exported:
            return False
        if name in words.counts or name in words.imported or not quotes_are_plain(binding):
            return False
        # Several functions may have the same import.
        alike = [other for other in self.bindings.found if (other.local, other.there) == (old, binding.there)]
        return words.counts.get(old, 0) == sum(len(self.uses[other]) for other in alike)

    # -- modules: `import fastapi`, `from fastapi import responses` ---------------------------------------------------

    def _plan_module(self, binding: Binding) -> None:
        uses = self.uses[binding]
        resolved = [(use, *_resolve(use)) for use in uses]
        unknown = [(use, there) for use, there, here, _ in resolved if here is None]
        own = module_counterpart(binding.there)
        # Where the old import has to stay, or a fallback gives the name another value, the name keeps its meaning.
        keeps_import = bool(unknown) or own is None
        by_local = not binding.whole or not binding.alone
        needed: set[str] = set()
        for use, _, here, depth in resolved:
            if here is not None:
                needed |= self._replace(use, here, depth, binding, own if by_local and not keeps_import else None)
        for text in quoted_uses_of(binding):
            needed |= self._replace_in_text(text, binding)
        self.changes.left += [(use.nodes[-1], there) for use, there in unknown]
        if own is None and not unknown:
            self.changes.left += [(alias, binding.there) for _, alias in binding.imports]
        self._plan_imports(binding, needed, own, keeps_import=keeps_import, by_local=by_local)

    def _plan_imports(
        self, binding: Binding, needed: set[str], own: str | None, *, keeps_import: bool, by_local: bool
    ) -> None:
        for index, (statement, alias) in enumerate(binding.imports):
            new: list[NewModule] = []
            if not keeps_import and not by_local:
                there = get_full_name_for_node(alias.name) or binding.there
                here = module_counterpart(there)
                # `import signette.responses` binds `signette`, too: without its own use, that one is enough.
                if here and (here in needed or not needed or "." in there):
                    new.append(NewModule(here))
                elif here is None:
                    self.changes.kept.add(alias)
                    self.changes.left.append((alias, there))
            elif not keeps_import and isinstance(statement, cst.Import):
                new.append(NewModule(str(own), binding.local))
            elif not keeps_import:
                module, _, name = str(own).rpartition(".")
                local = binding.local if binding.local != name and alias.asname is None else None
                self.changes.names[alias] = NewName(module, name, local)
            have = {each.module for each in new}
            if index == 0:
                new += [NewModule(module) for module in sorted(needed - have)]
            if keeps_import and not new:
                continue
            self.changes.modules[alias] = new
            if keeps_import:
                self.changes.kept.add(alias)

    def _replace(self, use: Use, here: str, depth: int, binding: Binding, own: str | None) -> set[str]:
        """Plan a new expression; `own` is the module that the local name refers to. Returns the modules it needs."""
        module, _, name = here.rpartition(".")
        if own in {module, here}:
            text = binding.local if own == here else f"{binding.local}.{name}"
            needed = set()
        elif is_whole_module(here):
            text, needed = here, {here}
        else:
            text, needed = here, {module}
        self.changes.expressions[use.nodes[depth]] = cst.parse_expression(text)
        return needed

    # -- annotations in quotes ----------------------------------------------------------------------------------------

    def _rewrite_text(self, node: cst.SimpleString, old: str, new: str) -> None:
        if not self._is_annotation(node):
            return
        known = self.changes.expressions.get(node, node)
        assert isinstance(known, cst.SimpleString)
        value = re.sub(rf"(?<![\w.]){re.escape(old)}\b", new, known.value)
        self.changes.expressions[node] = known.with_changes(value=value)

    def _replace_in_text(self, node: cst.SimpleString, binding: Binding) -> set[str]:
        """Rewrite `"fastapi.Request"`; what has no counterpart is left, and is found by the rule for text."""
        if not self._is_annotation(node):
            return set()
        needed = set()
        for dotted in re.findall(rf"(?<![\w.]){re.escape(binding.local)}((?:\.\w+)+)", node.raw_value):
            names = (binding.there, *dotted[1:].split("."))
            there, here, depth = _resolve_names(names)
            if here is None:
                self.changes.left.append((node, there))
                continue
            self._rewrite_text(node, binding.local + "".join(f".{name}" for name in names[1 : depth + 1]), here)
            needed.add(here if is_whole_module(here) else here.rpartition(".")[0])
        return needed

    def _is_annotation(self, node: cst.CSTNode) -> bool:
        """Whether text in an annotation is one itself, and not an argument: `Annotated[str, Query(title="x")]`."""
        parent = self.parents.get(node)
        while parent is not None and not isinstance(parent, cst.Annotation | cst.BaseStatement):
            if isinstance(parent, cst.Call):
                return get_full_name_for_node(parent.func) in {"cast", "typing.cast", "TypeVar"}
            parent = self.parents.get(parent)
        return True


def is_whole_module(here: str) -> bool:
    """Whether a dotted name of signette is a module."""
    return module_counterpart(f"fastapi{here.removeprefix('signette')}") == here or here == "signette"


def _resolve(use: Use) -> tuple[str, str | None, int]:
    return _resolve_names(use.names)


def _resolve_names(names: tuple[str, ...]) -> tuple[str, str | None, int]:
    """The dotted name there, the one here, and how many of the names make it up: `fastapi.FastAPI.openapi` has one."""
    there = names[0]
    depth = 0
    while depth + 1 < len(names) and is_module(f"{there}.{names[depth + 1]}"):
        depth += 1
        there = f"{there}.{names[depth]}"
    if depth + 1 == len(names):
        return there, counterpart(there), depth
    here = counterpart(f"{there}.{names[depth + 1]}")
    return ".".join((there, *names[depth + 1 :])), here, depth + 1

"""Applies the planned changes to a module; every other character stays."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import libcst as cst
from libcst.helpers import get_full_name_for_node

from signette.port.bindings import bindings_of, module_of
from signette.port.changes import Changes, Planner
from signette.port.names import is_framework
from signette.port.statements import changed, joined
from signette.port.tree import Tree

FOR_TOOLS = re.compile(r"#\s*(noqa|type:|pyright:|mypy:|pylint:|isort:|fmt:|ruff:|pragma:|nosec)", re.IGNORECASE)


@dataclass(frozen=True)
class Left:
    """A name or star import of the other framework that stays."""

    line: int
    column: int
    there: str
    star: bool = False


@dataclass(frozen=True)
class Rewritten:
    """The new text of a module, and what of the other framework is still in it, by the lines of the old text."""

    text: str
    left: list[Left]


def rewrite(tree: Tree, keep_names: Collection[str] = ()) -> Rewritten:
    """The text with the imports of signette in place of those of FastAPI and Starlette.

    Classes in `keep_names` keep their old name: `from signette import App as FastAPI`.
    """
    bindings = bindings_of(tree)
    changes = Planner(tree, bindings, keep_names).plan()
    left = {Left(*tree.place(node), there) for node, there in changes.left}
    left |= {Left(*tree.place(node), str(module_of(node)), star=True) for node in bindings.stars}
    module = tree.module.visit(_Rewriter(changes)) if changes.names or changes.modules else tree.module
    return Rewritten(module.code, sorted(left, key=lambda each: (each.line, each.column)))


class _Rewriter(cst.CSTTransformer):
    def __init__(self, changes: Changes) -> None:
        super().__init__()
        self.changes = changes
        self.written: dict[cst.CSTNode, str | None] = {}  # new import statements, each with its old module

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> object:  # type: ignore[override]
        new = self.changes.expressions.get(original_node)
        if new is None:
            return super().on_leave(original_node, updated_node)
        if isinstance(original_node, cst.Name | cst.Attribute):
            return new.with_changes(lpar=updated_node.lpar, rpar=updated_node.rpar)  # type: ignore[attr-defined]
        return new

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.FlattenSentinel[cst.SimpleStatementLine]:
        if len(original_node.body) > 1:
            return updated_node.with_changes(body=self._on_one_line(original_node.body, updated_node.body))
        new = self._changed(original_node.body[0])
        if new is None:
            return updated_node
        first = updated_node.with_changes(body=new[:1])
        # A comment for a tool holds for each of the statements; one for a reader is written once.
        comment = updated_node.trailing_whitespace.comment
        keeps = comment is not None and FOR_TOOLS.search(comment.value)
        end = updated_node.trailing_whitespace if keeps else cst.TrailingWhitespace()
        rest = [cst.SimpleStatementLine([each], trailing_whitespace=end) for each in new[1:]]
        return cst.FlattenSentinel([first, *rest])

    def leave_SimpleStatementSuite(
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> cst.SimpleStatementSuite:
        return updated_node.with_changes(body=self._on_one_line(original_node.body, updated_node.body))

    def _on_one_line(
        self, original: Sequence[cst.BaseSmallStatement], updated: Sequence[cst.BaseSmallStatement]
    ) -> list[cst.BaseSmallStatement]:
        body: list[cst.BaseSmallStatement] = []
        for old, same in zip(original, updated, strict=True):
            new = self._changed(old)
            body += [same] if new is None else [*new[:-1], new[-1].with_changes(semicolon=same.semicolon)]
        return body

    def _changed(self, statement: cst.BaseSmallStatement) -> list[cst.BaseSmallStatement] | None:
        if not isinstance(statement, cst.Import | cst.ImportFrom):
            return None
        new = changed(statement, self.changes)
        self.written |= dict.fromkeys(new or (), module_of(statement))
        return new

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        del original_node
        return updated_node.with_changes(body=self._join(updated_node.body))

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        del original_node
        return updated_node.with_changes(body=self._join(updated_node.body))

    def _join(self, body: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
        """Join imports of one module within one block of imports, where one of them is new."""
        result: list[cst.BaseStatement] = []
        known: dict[str, int] = {}
        for line in body:
            statement = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
            if not isinstance(statement, cst.Import | cst.ImportFrom):
                known.clear()
            elif isinstance(statement, cst.Import):
                if self._is_repeated(statement, line, result):
                    continue
            elif (module := module_of(statement)) and not isinstance(statement.names, cst.ImportStar):
                index = known.get(module)
                if index is not None and self._may_join(result[index], line):
                    result[index] = self._joined(result[index], statement)
                    continue
                known.setdefault(module, len(result))
            result.append(line)
        return result

    def _is_repeated(self, statement: cst.Import, line: cst.BaseStatement, before: Sequence[cst.BaseStatement]) -> bool:
        """Whether a new import repeats an earlier line."""
        first = get_full_name_for_node(statement.names[0].name) or ""
        is_new = statement in self.written and not is_framework(first)
        return is_new and any(line.deep_equals(other) for other in before)

    def _may_join(self, one: cst.BaseStatement, other: cst.BaseStatement) -> bool:
        assert isinstance(one, cst.SimpleStatementLine)
        assert isinstance(other, cst.SimpleStatementLine)
        first, second = (self.written.get(line.body[0], module_of(line.body[0])) for line in (one, other))
        if first == second or other.leading_lines:  # they were apart before, or a comment separates them
            return False
        return "#" not in cst.Module([one.with_changes(leading_lines=[]), other]).code

    def _joined(self, line: cst.BaseStatement, statement: cst.ImportFrom) -> cst.BaseStatement:
        assert isinstance(line, cst.SimpleStatementLine)
        first = line.body[0]
        assert isinstance(first, cst.ImportFrom)
        new = joined(first, statement)
        self.written[new] = self.written.get(first, module_of(first))
        return line.with_changes(body=[new])

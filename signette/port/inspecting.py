"""What is to be done by hand in a file: names left, rules that match, strings, and packages."""

from collections.abc import Collection, Iterator
from pathlib import Path

import libcst as cst

from signette.port.findings import FROM_FASTAPI, PACKAGES, Finding, Kind
from signette.port.packages import imports_of_packages
from signette.port.rewriting import Left
from signette.port.rules.options import options_left
from signette.port.rules.rule import View
from signette.port.rules.table import findings
from signette.port.texts import texts_naming_modules
from signette.port.tree import Tree


def findings_of(path: Path, tree: Tree, left: Collection[Left], own: Collection[str]) -> Iterator[Finding]:
    """The findings of a file; `own` are the first names of the code base's own modules."""
    for each in left:
        problem = f"`from {each.there} import *`" if each.star else f"`{each.there}` has no counterpart"
        advice = "import the names that you use" if each.star else ""
        yield Finding(path, each.line, each.column, Kind.LEFT, "star-import" if each.star else "no-counterpart",
                      problem, advice, FROM_FASTAPI)  # fmt: skip
    view = View(tree, is_test=_is_test(path))

    def finding(node: cst.CSTNode, kind: Kind, rule: str, problem: str, advice: str, page: str | None) -> Finding:
        return Finding(path, *tree.place(node), kind, rule, problem, advice, page)

    for node, rule in findings(view):
        yield finding(node, Kind.BEHAVIOR, rule.code, rule.problem, rule.advice, rule.page)
    for node, problem in options_left(view):
        yield finding(node, Kind.LEFT, "option", problem, "remove it, or configure it in another way", FROM_FASTAPI)
    for node, named, advice in texts_naming_modules(view):
        yield finding(node, Kind.TEXT, "text", f'`"{named}"` is a text', advice, None)
    for node, package in imports_of_packages(tree, own):
        yield finding(node, Kind.PACKAGE, "package", f"`{package}` imports FastAPI or Starlette itself",
                      "see which packages work together with signette", PACKAGES)  # fmt: skip


def _is_test(path: Path) -> bool:
    return path.name.startswith(("test_", "conftest")) or path.stem.endswith("_test") or "tests" in path.parts

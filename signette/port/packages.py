"""Imports of other packages that import FastAPI or Starlette themselves: what they define is not of signette."""

from collections.abc import Collection, Iterator

import libcst as cst
from libcst.helpers import get_full_name_for_node

from signette.port.bindings import module_of
from signette.port.names import FRAMEWORKS, is_framework
from signette.port.tree import Tree

# Those whose names do not say it.
KNOWN = {"slowapi", "sqladmin", "gradio", "nicegui", "langserve", "titiler", "fasthtml", "httpx_oauth", "chainlit"}


def imports_of_packages(tree: Tree, own: Collection[str]) -> Iterator[tuple[cst.CSTNode, str]]:
    """Each import of such a package; `own` are the first names of the code base's own modules."""
    for node in tree.all(cst.Import, cst.ImportFrom):
        for dotted in _modules_of(node):
            first = dotted.partition(".")[0]
            if is_framework(dotted) or first in own or first == "signette":
                continue
            if first in KNOWN or any(framework in dotted for framework in FRAMEWORKS):
                yield node, first if any(word in first for word in (*KNOWN, *FRAMEWORKS)) else dotted


def _modules_of(node: cst.CSTNode) -> Iterator[str]:
    if isinstance(node, cst.Import):
        yield from (name for alias in node.names if (name := get_full_name_for_node(alias.name)))
    elif module := module_of(node):
        yield module

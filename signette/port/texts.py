"""Strings that name a module or class: `mock.patch("fastapi.Request")`, `logging.getLogger("fastapi")`."""

import re
from collections.abc import Iterator

import libcst as cst

from signette.port.names import FRAMEWORKS, counterpart
from signette.port.rules.rule import View, text_of

DOTTED = re.compile(rf"(?:{'|'.join(FRAMEWORKS)})(?:\.\w+)+")
# `"fastapi"` alone is often a word, and a module where one of these functions gets it.
TAKES_MODULE = {"getLogger", "importorskip", "import_module", "find_spec", "version", "distribution"}


def texts_naming_modules(view: View) -> Iterator[tuple[cst.CSTNode, str, str]]:
    """Each string that names a module, class or function of FastAPI or Starlette, and what to write for it."""
    for node in view.tree.all(cst.SimpleString):
        text = text_of(node)
        if text and (DOTTED.fullmatch(text) or (text in FRAMEWORKS and _is_module(node, view))):
            here = counterpart(text)
            advice = f'write `"{here}"`' if here else "it names nothing in signette: rewrite it, or remove it"
            yield node, text, advice


def _is_module(node: cst.CSTNode, view: View) -> bool:
    parent = view.parents.get(node)
    call = view.parents.get(parent) if isinstance(parent, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return False
    name = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
    return isinstance(name, cst.Name) and name.value in TAKES_MODULE

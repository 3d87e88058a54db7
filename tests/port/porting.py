"""Porting a text in one call, as the tests do it."""

from collections.abc import Collection

from signette.port.rewriting import Rewritten, rewrite
from signette.port.tree import Tree


def port(text: str, keep_names: Collection[str] = ()) -> Rewritten:
    return rewrite(Tree(text), keep_names)

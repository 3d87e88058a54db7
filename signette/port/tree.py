"""A module's syntax tree, read once: its nodes, the parent of each, and where it stands.

libcst's visitors take long for each pass, as they rebuild the tree. So nodes are collected once, and what looks for
nodes goes through the list.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TypeVar

import libcst as cst
from libcst.helpers import get_full_name_for_node
from libcst.metadata import MetadataWrapper, PositionProvider, Scope, ScopeProvider

from signette.port.files import UnreadableSource

Node = TypeVar("Node", bound=cst.CSTNode)

# Nodes that hold no names: what is between the others.
BETWEEN = (
    cst.BaseParenthesizableWhitespace, cst.TrailingWhitespace, cst.EmptyLine, cst.Comma, cst.Semicolon, cst.Dot,
    cst.AssignEqual, cst.Colon, cst.LeftParen, cst.RightParen,
)  # fmt: skip


class Tree:
    """The syntax tree of a text.

    Raises:
        UnreadableSource: the text is not Python.
    """

    def __init__(self, text: str) -> None:
        try:
            parsed = cst.parse_module(text)
        except cst.ParserSyntaxError as exc:
            raise UnreadableSource(exc.raw_line, "invalid syntax") from None
        if parsed.code != text:
            raise UnreadableSource(1, "cannot be written back as it was")
        self._wrapper = MetadataWrapper(parsed, unsafe_skip_copy=True)
        self.module = self._wrapper.module
        self.nodes: list[cst.CSTNode] = []  # each before those in it, in the order of the text
        self.parents: dict[cst.CSTNode, cst.CSTNode] = {}
        self._collect(self.module)

    def _collect(self, module: cst.CSTNode) -> None:
        waiting = [module]
        while waiting:
            node = waiting.pop()
            self.nodes.append(node)
            inner = [each for each in _children(node) if not isinstance(each, BETWEEN)]
            self.parents.update(dict.fromkeys(inner, node))
            waiting += reversed(inner)

    def all(self, *types: type[Node]) -> Iterator[Node]:
        """The nodes of these types."""
        return (node for node in self.nodes if isinstance(node, types))

    def place(self, node: cst.CSTNode) -> tuple[int, int]:
        """Line and column of a node, from 1."""
        start = self._positions[node].start
        return start.line, start.column + 1

    @cached_property
    def _positions(self) -> Mapping[cst.CSTNode, cst.metadata.CodeRange]:
        return self._wrapper.resolve(PositionProvider)

    @cached_property
    def scopes(self) -> Mapping[cst.CSTNode, Scope | None]:
        """The scope of each node."""
        return self._wrapper.resolve(ScopeProvider)

    def qualified(self, node: cst.CSTNode) -> set[str]:
        """The dotted names that an expression may refer to: `pathlib.Path` of `Path`."""
        scope = self.scopes.get(node)
        full = get_full_name_for_node(node)
        return {each.name for each in scope.get_qualified_names_for(full)} if scope and full else set()


def _children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, list | tuple):
            yield from (each for each in value if isinstance(each, cst.CSTNode))

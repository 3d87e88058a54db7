"""Names with brackets: `address[zip]=1`, `tags[]=a`, `rows[0][zip]=1`, and texts with delimiters: `ids=1,2`.

Theory of operation: the names that begin with a key become a tree of texts, which the key's shape (made with the plan)
turns into a value. No number in brackets is a size: items stand in the order of their numbers, however large those
are. Depth is bounded, and each name is looked at once for each key that takes brackets.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from signette.datastructures.upload import UploadFile
from signette.declarative.signature.markers import MISSING
from signette.declarative.sources.shapes import Shape
from signette.exceptions import HTTPException

Lists = Mapping[str, list[Any]]

MOST_DEPTH = 16
_STEP = re.compile(r"\[([^\[\]]*)\]")
_MOST_DIGITS = 9


class Node:
    """What was sent under a name: its texts, and what stands under names one step further in."""

    __slots__ = ("children", "values")

    def __init__(self, values: list[Any]) -> None:
        self.values = values
        self.children: dict[str, Node] = {}


def nested(lists: Lists, key: str, shape: Shape) -> Any:
    """The value under a key, MISSING where nothing of it was sent.

    Raises HTTPException 400: a name is nested too deep, or says `[]` where more steps follow.
    """
    prefix = f"{key}["
    names = [name for name in lists if name.startswith(prefix)]
    if not names:
        if key not in lists:
            return MISSING
        return shaped(Node(lists[key]), shape)
    root = Node(lists.get(key, []))
    for name in names:
        node = root
        for step in steps_of(name[len(key) :]):
            node = node.children.setdefault(step, Node([]))
        if node is not root:
            node.values = [*node.values, *lists[name]]
    return shaped(root, shape)


def steps_of(brackets: str) -> Sequence[str]:
    """`[rows][0]` -> `rows`, `0`. Nothing where it is no such row of brackets: then it is just a name."""
    if brackets.count("[") > MOST_DEPTH:
        raise HTTPException(400, f"a name is nested too deep; at most {MOST_DEPTH} steps are read")
    steps = _STEP.findall(brackets)
    if sum(map(len, steps)) + 2 * len(steps) != len(brackets):
        return ()
    if "" in steps[:-1]:
        raise HTTPException(400, "`[]` stands last in a name; number the items of a list: `rows[0][name]`")
    return steps


def shaped(node: Node, shape: Shape) -> Any:
    """The value of a node. What does not fit the shape is given as it was sent, for the check to refuse."""
    if shape.kind == "list":
        return _list(node, shape)
    if not node.children:
        counting = [value for value in node.values if not is_blank(value)] if shape.drops_blank else node.values
        return counting[-1] if counting else MISSING
    if shape.kind == "text":
        return plain(node)
    found: dict[str, Any] = {}
    for name, child in node.children.items():
        member = shape.members.get(name) if shape.kind == "record" else shape.item
        if member is None:
            if shape.loose:
                found[name] = plain(child)
            continue
        value = shaped(child, member)
        if value is not MISSING:
            found[name] = value
    return found


def _list(node: Node, shape: Shape) -> Any:
    assert shape.item is not None
    numbered = [name for name in node.children if name]
    if not all(name.isdecimal() and len(name) <= _MOST_DIGITS for name in numbered):
        return plain(node)
    empty = node.children.get("")
    found = [*node.values, *(empty.values if empty is not None else ())]
    for name in sorted(numbered, key=int):
        value = shaped(node.children[name], shape.item)
        if value is not MISSING:
            found.append(value)
    return found or MISSING


def plain(node: Node) -> Any:
    """What was sent under a name, as it looks without a shape."""
    if node.children:
        return {name: plain(child) for name, child in node.children.items()}
    return node.values[0] if len(node.values) == 1 else node.values


def is_blank(value: Any) -> bool:
    """Whether a field was left alone: an empty text, or a file without name and content."""
    return value == "" or (isinstance(value, UploadFile) and not value.filename and not value.size)


def split(texts: Iterable[str], delimiter: str) -> list[str]:
    """All pieces of some texts. An empty text has none."""
    return [piece.strip(" ") for text in texts if text for piece in text.split(delimiter)]

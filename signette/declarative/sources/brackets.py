"""Names with brackets: `address[zip]=1`, `tags[]=a`, `rows[0][zip]=1`, and values with delimiters: `ids=1,2`.

Theory of operation: the names that begin with a key form a tree of texts, and the key's shape (made with the plan)
converts the tree to a value. Numbers in brackets only order the items of a list: a large number does not make a large
list. Depth is limited, and each name is examined once for each key with brackets.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from signette._patterns import lazy_pattern
from signette.datastructures.upload import Upload, UploadFile
from signette.declarative.signature.markers import MISSING
from signette.declarative.sources.shapes import Shape
from signette.exceptions import HTTPException

Lists = Mapping[str, list[Any]]

MOST_DEPTH = 16
_STEP = lazy_pattern(r"\[([^\[\]]*)\]")
_MOST_DIGITS = 9


class Node:
    """The values of a name, and the nodes of names with one more step in brackets."""

    __slots__ = ("children", "values")

    def __init__(self, values: list[Any]) -> None:
        self.values = values
        self.children: dict[str, Node] = {}


def nested(lists: Lists, key: str, shape: Shape) -> Any:
    """The value of a key, or MISSING.

    Raises HTTPException 400 if a name is nested too deeply, or if `[]` is not its last step.
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
    """`[rows][0]` -> `rows`, `0`. Empty for other texts, which are part of a name without brackets."""
    if brackets.count("[") > MOST_DEPTH:
        raise HTTPException(400, f"a parameter name is nested too deeply; at most {MOST_DEPTH} levels are allowed")
    steps = _STEP.findall(brackets)
    if sum(map(len, steps)) + 2 * len(steps) != len(brackets):
        return ()
    if "" in steps[:-1]:
        raise HTTPException(400, "`[]` must be at the end of a parameter name; number the items: `rows[0][name]`")
    return steps


def shaped(node: Node, shape: Shape) -> Any:
    """The value of a node. Values that do not match the shape are left to the validator, which rejects them."""
    if shape.kind == "list":
        return _list(node, shape)
    if not node.children:
        filled = [value for value in node.values if not is_blank(value)] if shape.drops_blank else node.values
        return filled[-1] if filled else MISSING
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
    """The values of a name, without a shape."""
    if node.children:
        return {name: plain(child) for name, child in node.children.items()}
    return node.values[0] if len(node.values) == 1 else node.values


def is_blank(value: Any) -> bool:
    """Whether a form field was left empty: an empty text, or a file without name and content."""
    return value == "" or (isinstance(value, UploadFile | Upload) and not value.filename and not value.size)


def split(texts: Iterable[str], delimiter: str) -> list[str]:
    """The items of texts with delimiters. An empty text has no items."""
    return [item.strip(" ") for text in texts if text for item in text.split(delimiter)]

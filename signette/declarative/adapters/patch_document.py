"""A value as the JSON document that a JSON Patch changes.

Theory of operation. A document has dictionaries and lists, as JSON has, and a `Leaf` for all other values. Only what a
patch points into is opened: what it leaves alone stays the object of Python that it is, also where it is moved, so
nothing depends on how a value is serialized. `test` compares values as responses show them.
"""

import contextlib
import copy
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Union

from pydantic import RootModel

from signette.declarative.adapters.model_fields import fields_of
from signette.declarative.adapters.patch_members import is_hidden, keys_for, places_at
from signette.declarative.adapters.patch_schema import type_of
from signette.declarative.adapters.validators import adapter_of
from signette.declarative.signature.annotations import class_of, is_model, is_typed_dict, union_members

__all__ = [
    "Items",
    "Leaf",
    "Members",
    "NotThere",
    "closed",
    "is_equal",
    "opened",
    "reach",
    "received",
    "value_at",
    "values_in",
]

Origin = tuple[str | int, ...]
Shown = Callable[[], Any]
_COLLECTIONS = (list, tuple, set, frozenset, deque)


class NotThere(Exception):
    """A document has nothing at a pointer."""


class Leaf:
    """A value that is not opened, or that is no object and no array."""

    __slots__ = ("annotation", "origin", "shown", "value")

    def __init__(self, value: Any, annotation: Any = Any, shown: Shown | None = None, origin: Origin = ()) -> None:
        self.value = value
        self.annotation = annotation
        self.shown = shown
        self.origin = origin

    def __deepcopy__(self, memo: Any) -> "Leaf":
        value = self.value
        with contextlib.suppress(Exception):  # not all objects can be copied, and then they are shared
            value = copy.deepcopy(value, memo)
        return Leaf(value, self.annotation, self.shown, self.origin)

    def json(self) -> Any:
        """The value as responses show it."""
        if self.origin:
            return self.value
        try:
            if self.shown is not None:
                return self.shown()
        except (LookupError, TypeError):  # a serializer makes something else of what contains it
            pass
        return adapter_of(self.annotation).dump_python(self.value, mode="json", warnings=False)


class Members(dict[str, Any]):
    """An object. `origin` is its place in the patch, for one that was sent."""

    def __init__(self, origin: Origin = ()) -> None:
        super().__init__()
        self.origin = origin
        self.names: dict[str, str] = {}
        """All names of its members, with the name that it has here."""
        self.hidden: set[str] = set()

    def __deepcopy__(self, memo: Any) -> "Members":
        made = Members(self.origin)
        made.names, made.hidden = self.names, self.hidden
        made.update({key: copy.deepcopy(each, memo) for key, each in self.items()})
        return made


class Items(list[Any]):
    """An array. `origin` is its place in the patch, for one that was sent."""

    def __init__(self, items: Iterator[Any], origin: Origin = ()) -> None:
        super().__init__(items)
        self.origin = origin

    def __deepcopy__(self, memo: Any) -> "Items":
        return Items((copy.deepcopy(each, memo) for each in self), self.origin)


Node = Leaf | Members | Items


def received(value: Any, origin: Origin) -> Node:
    """A value of the patch, as a part of the document."""
    if isinstance(value, dict):
        made = Members(origin)
        made.update({key: received(each, (*origin, key)) for key, each in value.items()})
        return made
    if isinstance(value, list):
        return Items((received(each, (*origin, index)) for index, each in enumerate(value)), origin)
    return Leaf(value, origin=origin)


def opened(leaf: Node) -> Node:
    """The object or array of a leaf; the leaf itself if it has neither members nor items."""
    if not isinstance(leaf, Leaf) or leaf.origin:
        return leaf
    value = leaf.value
    while isinstance(value, RootModel):
        value = value.root
    model = _model_of(leaf.annotation, value)
    if model is not None:
        return _opened_model(model, value, leaf)
    if isinstance(value, Mapping) and all(type(key) is str for key in value):
        made = Members()
        item = _inner(leaf.annotation, "")
        made.update({key: Leaf(each, item, _shown(leaf, key)) for key, each in value.items()})
        return made
    if isinstance(value, _COLLECTIONS) and not hasattr(value, "_fields"):
        types = _types_of_items(leaf.annotation, value)
        return Items(Leaf(each, types(index), _shown(leaf, index)) for index, each in enumerate(value))
    return leaf


def _opened_model(model: Any, value: Any, leaf: Leaf) -> Members:
    made = Members()
    is_dict = isinstance(value, dict)
    for field in fields_of(model):
        key, *others = keys_for(field)
        made.names |= dict.fromkeys((key, *others), key)
        if is_hidden(model, field):
            made.hidden.add(key)
        if field.name in value if is_dict else hasattr(value, field.name):
            kept = value[field.name] if is_dict else getattr(value, field.name)
            made[key] = Leaf(kept, type_of(field), _shown(leaf, field.name))
    for name, kept in (getattr(value, "__pydantic_extra__", None) or {}).items():
        made[name] = Leaf(kept, Any, _shown(leaf, name))
    return made


def _shown(leaf: Leaf, step: Any) -> Shown:
    """What responses show of a part of a leaf."""

    def shown() -> Any:
        return leaf.json()[step]

    return shown


def _model_of(annotation: Any, value: Any) -> Any:
    """The model of a union whose value it is."""
    for member in union_members(annotation):
        cls: Any = class_of(member)
        if cls is None or not is_model(member):
            continue
        if isinstance(value, dict) if is_typed_dict(member) else isinstance(value, cls):
            return member
    return None


def _inner(annotation: Any, token: str) -> Any:
    found = [place.annotation for place in places_at(annotation, (token,))]
    return Union[tuple(found)] if found else Any  # noqa: UP007 - the members are known only now


def _types_of_items(annotation: Any, value: Any) -> Callable[[int], Any]:
    """The type of each item: the same for all, but for those of a tuple."""
    if isinstance(value, tuple):
        return lambda index: _inner(annotation, str(index))
    item = _inner(annotation, "0")
    return lambda _: item


def reach(root: Node, tokens: tuple[str, ...], *, exists: bool) -> tuple[str, ...]:
    """The tokens with the names that members have in the document, which is opened as far as they lead.

    `exists`: there must be a value at the last token, too. Else its container must exist.

    Raises NotThere.
    """
    node, found = root, []
    for index, token in enumerate(tokens):
        is_last = index == len(tokens) - 1
        key: Any = token
        if isinstance(node, Members):
            key = node.names.get(token, token)
            is_there = key in node
        elif isinstance(node, Items):
            is_there = token.isascii() and token.isdigit() and len(token) < 10 and int(token) < len(node)
            key = int(token) if is_there else token
        else:
            raise NotThere
        found.append(str(key))
        if not is_there and (exists or not is_last):
            raise NotThere
        if not is_last:
            node[key] = opened(node[key])
            node = node[key]
    return tuple(found)


def value_at(root: Node, tokens: tuple[str, ...]) -> Node:
    """The node at tokens that `reach` has returned."""
    node: Any = root
    for token in tokens:
        node = node[int(token) if isinstance(node, Items) else token]
    found: Node = node
    return found


def is_equal(node: Node, sent: Any) -> bool:
    """Whether a part of the document is this JSON value (RFC 6902 section 4.6), as far as responses show it."""
    node = opened(node)
    if isinstance(node, Leaf):
        return _is_same(node.json(), sent)
    if isinstance(node, Items):
        return isinstance(sent, list) and len(node) == len(sent) and all(map(is_equal, node, sent))
    if not isinstance(sent, dict):
        return False
    renamed = {node.names.get(key, key): value for key, value in sent.items()}
    seen = {key: each for key, each in node.items() if key not in node.hidden}
    return renamed.keys() == seen.keys() and all(is_equal(each, renamed[key]) for key, each in seen.items())


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(each, other[key]) for key, each in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    # In Python `True == 1`.
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def values_in(node: Node) -> int:
    """How many values a part of the document has, which is not opened for that."""
    value = node.value if isinstance(node, Leaf) else node
    if is_model(type(value)):
        value = vars(value)
    if isinstance(value, Mapping):
        return 1 + sum(map(values_in, map(_as_node, value.values())))
    if isinstance(value, _COLLECTIONS):
        return 1 + sum(map(values_in, map(_as_node, value)))
    return 1


def _as_node(value: Any) -> Node:
    return value if isinstance(value, Leaf | Members | Items) else Leaf(value)


def closed(node: Node) -> Any:
    """The value of a document: objects and arrays, whose other values are those of Python."""
    if isinstance(node, Members):
        return {key: closed(each) for key, each in node.items()}
    return [closed(each) for each in node] if isinstance(node, Items) else node.value

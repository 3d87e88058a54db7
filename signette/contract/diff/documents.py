"""Schemas and where they stand: a document, a schema in it, and the schemas that one value must fit at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote


class UnresolvedReferenceError(Exception):
    """A `$ref` that names no schema of its document."""


@dataclass(frozen=True, eq=False)
class Document:
    """A contract or an OpenAPI document; `$ref`s are resolved in it."""

    root: Any

    def resolve(self, reference: Any) -> "Part":
        """The schema that a `$ref` names (RFC 6901, in a URL fragment).

        Raises:
            UnresolvedReferenceError: the document has no such schema, or the reference names another document.
        """
        if not isinstance(reference, str) or not reference.startswith("#"):
            raise UnresolvedReferenceError(str(reference))
        pointer = unquote(reference[1:])
        found = self.root
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
                found = found[int(name)]
            elif isinstance(found, Mapping) and name in found:
                found = found[name]
            else:
                raise UnresolvedReferenceError(reference)
        return Part(found, pointer, self)


@dataclass(frozen=True, eq=False)
class Part:
    """A schema, its JSON pointer, and its document."""

    schema: Any
    pointer: str
    document: Document

    @property
    def key(self) -> tuple[int, int]:
        """What identifies the schema: the same object of the same document."""
        return id(self.document), id(self.schema)

    def at(self, *tokens: str | int) -> "Part":
        """The schema at a place below this one."""
        found = self.schema
        for token in tokens:
            found = found[token]
        return Part(found, self.pointer + pointer_of(*tokens), self.document)


# The schemas that a value must fit all at once. Without a schema, every value fits.
Node = tuple[Part, ...]


def pointer_of(*tokens: str | int) -> str:
    """A JSON pointer (RFC 6901): `/paths/~1orders/get`."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def node_of(schema: Any, root: Any = None, pointer: str = "") -> Node:
    """A schema on its own, with the document that its `$ref`s name: the schema itself, if you name no document."""
    return (Part(schema, pointer, Document(schema if root is None else root)),)


def key_of(value: Any) -> Any:
    """A hashable key: equal for JSON values that are equal. `1` equals `1.0`, and `True` equals no number."""
    if isinstance(value, bool) or value is None:
        return "literal", str(value)
    if isinstance(value, str):
        return "string", value
    if isinstance(value, list | tuple):
        return "array", tuple(key_of(item) for item in value)
    if isinstance(value, Mapping):
        return "object", frozenset((name, key_of(item)) for name, item in value.items())
    return "number", value

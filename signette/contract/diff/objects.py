"""What objects and arrays contain: the schemas of properties, items and encoded contents."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from signette.contract.diff.documents import Node, Part


@dataclass(frozen=True, eq=False)
class Members:
    """The members of a branch: of an object its properties, of an array its items, of a string its decoded content."""

    parts: tuple[Part, ...] = ()
    declared: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    required: Mapping[str, str] = field(default_factory=dict)
    dependent: Mapping[tuple[str, str], str] = field(default_factory=dict)
    patterns: Mapping[str, Node] = field(default_factory=dict)
    rest: Node = ()
    names: Node = ()
    prefix: int = 0
    longest: int | None = None
    content: Node = ()

    @classmethod
    def read(cls, kind: str, parts: tuple[Part, ...], hidden: str | None) -> "Members":
        """Read the keywords of the schemas that hold together."""
        if kind == "object":
            return cls._of_object(parts, hidden)
        if kind == "array":
            return cls._of_array(parts)
        if kind == "string":
            return cls(
                parts, content=tuple(part.at("contentSchema") for part in parts if "contentSchema" in part.schema)
            )
        return cls()

    @classmethod
    def _of_object(cls, parts: tuple[Part, ...], hidden_by: str | None) -> "Members":
        declared: dict[str, None] = {}
        hidden: set[str] = set()
        required: dict[str, str] = {}
        dependent: dict[tuple[str, str], str] = {}
        patterns: dict[str, Node] = {}
        for part in parts:
            schema = part.schema
            for name, inner in schema.get("properties", {}).items():
                declared.setdefault(name)
                if hidden_by and isinstance(inner, Mapping) and inner.get(hidden_by) is True:
                    hidden.add(name)
            listed = schema.get("required", ())
            for name in listed if isinstance(listed, list | tuple) else ():
                required.setdefault(name, f"{part.pointer}/required")
            for name, others in schema.get("dependentRequired", {}).items():
                dependent.update({(name, other): f"{part.pointer}/dependentRequired" for other in others})
            for pattern in schema.get("patternProperties", {}):
                patterns[pattern] = (*patterns.get(pattern, ()), part.at("patternProperties", pattern))
        return cls(
            parts,
            tuple(name for name in declared if name not in hidden),
            frozenset(hidden),
            {name: at for name, at in required.items() if name not in hidden},
            dependent,
            patterns,
            _each(parts, "additionalProperties"),
            _each(parts, "propertyNames"),
        )

    @classmethod
    def _of_array(cls, parts: tuple[Part, ...]) -> "Members":
        lengths = [_prefix_of(part.schema) for part in parts]
        ends = [
            length for part, length in zip(parts, lengths, strict=True) if part.schema.get("items") is False
        ] + [
            index
            for part in parts
            for index, item in enumerate(part.schema.get("prefixItems", ()))
            if item is False
        ]  # fmt: skip
        rest = tuple(part.at("items") for part in parts if isinstance(part.schema.get("items"), Mapping))
        return cls(parts, rest=rest, prefix=max(lengths, default=0), longest=min(ends, default=None))

    @property
    def says_others(self) -> bool:
        """Whether a schema says something about properties that it does not list, or lists none at all."""
        listed = any("properties" in part.schema for part in self.parts)
        return bool(self.rest or self.patterns) or not listed

    def of_property(self, name: str) -> Node | None:
        """The schemas that the value of a property must fit, or None if no schema mentions the property."""
        found: list[Part] = []
        for part in self.parts:
            before = len(found)
            if name not in self.hidden and name in part.schema.get("properties", {}):
                found.append(part.at("properties", name))
            patterns = part.schema.get("patternProperties", {})
            found.extend(part.at("patternProperties", pattern) for pattern in patterns if _matches(pattern, name))
            if len(found) == before and "additionalProperties" in part.schema:
                found.append(part.at("additionalProperties"))
        return tuple(found) if found or name in self.declared else None

    def of_item(self, index: int) -> Node:
        """The schemas that the item of an index must fit."""
        found: list[Part] = []
        for part in self.parts:
            if index < _prefix_of(part.schema):
                found.append(part.at("prefixItems", index))
            elif "items" in part.schema and not isinstance(part.schema["items"], list):
                found.append(part.at("items"))
        return tuple(found)


def _each(parts: tuple[Part, ...], keyword: str) -> Node:
    return tuple(part.at(keyword) for part in parts if keyword in part.schema)


def _prefix_of(schema: Mapping[str, Any]) -> int:
    return len(schema.get("prefixItems", ()))


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False

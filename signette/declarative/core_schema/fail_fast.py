"""The number of errors that an invalid value may have, and a schema that limits it.

pydantic collects an error for each invalid part of a value: 700,000 of them for a body of 2 MiB, 2 GB of memory and 20
seconds. `fail_fast_schema` takes a core schema and returns one that accepts the same values, with the same results,
and stops a collection at its first invalid item. Models have no such switch, so a model that contains itself without a
collection in between (`left: Tree | None`) is reported as one error each time it occurs inside itself.

An invalid value is validated again by the original schema, which reports all errors, if `Cost.of` shows that they
cannot be many.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import core_schema

from signette._dataclasses import dataclass
from signette._patterns import lazy_pattern
from signette.declarative.core_schema.walk import Node, children, descendants, rebuilt

# The schemas with the switch. Dictionaries have it since pydantic 2.13; before, only `Limits.json_values` limits them.
_COLLECTIONS = frozenset(
    {"list", "tuple", "set", "frozenset", "deque", "dict", "frozendict", "ordered-dict", "counter"}
    if "fail_fast" in core_schema.DictSchema.__annotations__
    else {"list", "tuple", "set", "frozenset"}
)
_FIELDS = frozenset({"model-fields", "typed-dict", "dataclass-args", "arguments", "arguments-v3", "named-tuple"})
INVALID_PART = "invalid_part"
_PART_MESSAGE = "This part of the value is not valid"


@dataclass(frozen=True, slots=True)
class Cost:
    """How many errors a value may have, by the number of values and of objects in it."""

    per_value: int
    per_object: int
    reads_json: bool
    """A string in the value may be JSON with many values."""

    def of(self, value: Any) -> int:
        """The maximum number of errors. `value` is JSON as bytes, or the values of a query or a form."""
        if isinstance(value, bytes | bytearray):
            values = 1 + value.count(b",") + value.count(b"[") + value.count(b"{")
            return values * self.per_value + value.count(b"{") * self.per_object
        values = self._values_in(value)
        return values * (self.per_value + self.per_object)

    def copied(self, value: Any) -> int:
        """The maximum number of values copied into errors of JSON: an object for each of its missing fields."""
        if not isinstance(value, bytes | bytearray):
            return 0
        values = 1 + value.count(b",") + value.count(b"[") + value.count(b"{")
        return values * self.per_object * min(_depth(value), value.count(b"{"))

    def _values_in(self, value: Any) -> int:
        if isinstance(value, Mapping):
            return 1 + sum(map(self._values_in, value.values()))
        if isinstance(value, list | tuple):
            return 1 + sum(map(self._values_in, value))
        return 1 + len(value) // 2 if self.reads_json and isinstance(value, str) else 1


_NESTING = lazy_pattern(rb"[\[{]+|[\]}]+")


def _depth(text: bytes | bytearray) -> int:
    """The depth of nesting of JSON, or more, because brackets in strings are counted."""
    depth = deepest = 0
    for found in _NESTING.finditer(text):
        length = found.end() - found.start()
        depth += length if found[0][0] in b"[{" else -length
        deepest = max(deepest, depth)
    return deepest


def cost_of(schema: Node) -> Cost | None:
    """The cost of a schema's errors; None if even a large invalid value has few of them."""
    nodes = list(descendants(schema))
    if not any(node["type"] in _COLLECTIONS or node["type"] == "definition-ref" for node in nodes if "type" in node):
        return None
    return cost_of_one(schema)


def cost_of_one(schema: Node) -> Cost:
    """The cost of a schema's errors, for any schema."""
    nodes = list(descendants(schema))
    per_value = _alternatives(schema, {}, set())
    fields = max((len(node.get("fields") or node.get("arguments_schema") or ()) for node in nodes), default=0)
    return Cost(per_value, fields * per_value, any(node.get("type") == "json" for node in nodes))


def _alternatives(schema: Node, definitions: dict[str, Node], seen: set[str]) -> int:
    """The maximum number of members of unions that validate one value."""
    kind = schema.get("type")
    if kind == "definitions":
        definitions = definitions | {each["ref"]: each for each in schema["definitions"]}
        return _alternatives(schema["schema"], definitions, seen)
    if kind == "definition-ref":
        ref = schema["schema_ref"]
        if ref in seen or ref not in definitions:
            return 1
        seen.add(ref)
        return _alternatives(definitions[ref], definitions, seen)
    counts = [_alternatives(child, definitions, seen) for _, _, child in children(schema)]
    return sum(counts) if kind == "union" else max(counts, default=1)


def fail_fast_schema(schema: Node) -> dict[str, Any]:
    """The same schema, which stops at the first invalid item of each collection."""
    recursive = _directly_recursive(schema)

    def stopping(node: Node) -> dict[str, Any]:
        if node.get("type") == "definitions":
            parts = [rebuilt(each, in_definition) for each in node["definitions"]]
            return {**node, "schema": stopping(node["schema"]), "definitions": list(map(with_switch, parts))}
        return with_switch(rebuilt(node, stopping))

    def in_definition(node: Node) -> dict[str, Any]:
        if node.get("type") == "definition-ref" and node["schema_ref"] in recursive:
            return dict(
                core_schema.custom_error_schema(
                    {**node},
                    custom_error_type=INVALID_PART,
                    custom_error_message=_PART_MESSAGE,
                )
            )
        return with_switch(rebuilt(node, in_definition))

    return stopping(schema)


def with_switch(node: dict[str, Any]) -> dict[str, Any]:
    """The schema of a collection with `fail_fast`; other schemas unchanged."""
    return {**node, "fail_fast": True} if node.get("type") in _COLLECTIONS else node


def _directly_recursive(schema: Node) -> set[str]:
    """The definitions that contain themselves without a collection in between."""
    definitions = {each["ref"]: each for node in descendants(schema) for each in node.get("definitions", ())}
    direct = {ref: set(_direct_references(each)) for ref, each in definitions.items()}
    return {ref for ref in direct if ref in _reachable(ref, direct)}


def _direct_references(schema: Node) -> Iterator[str]:
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if node.get("type") == "definition-ref":
            yield node["schema_ref"]
        elif node.get("type") not in _COLLECTIONS:
            waiting += [child for _, _, child in children(node)]


def _reachable(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for ref in edges.get(waiting.pop(), ()):
            if ref not in found:
                found.add(ref)
                waiting.append(ref)
    return found

"""Validation that ends at the first missing field, where pydantic would copy the body for each missing field.

An error of pydantic keeps its value, copied from the parsed JSON. The value of a missing field is the whole object
without it: 60 missing fields keep 60 copies of a body, and models nested 190 levels deep keep 190 copies of their
contents. `ending_at_missing` gives required fields a default whose factory raises, which ends validation at once,
without a copy.

That is done only if the failure of a part is the failure of the whole. If a member of a union fails, another member may
be valid, unless no other member accepts an object. A wrap validator may catch the failure of its inner schema.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from pydantic import ValidationError

from signette.declarative.core_schema.fail_fast import INVALID_PART
from signette.declarative.core_schema.recursion import choices_of
from signette.declarative.core_schema.walk import Node, children, descendants, rebuilt

ENDED = "validation ended at a missing field"
_OBJECTS = frozenset({"model-fields", "typed-dict", "dataclass-args"})
_FIELDS = frozenset({"model-field", "typed-dict-field", "dataclass-field"})
_ARRAYS = frozenset({"list", "tuple", "set", "frozenset", "deque"})
_SCALARS = frozenset({"str", "int", "float", "bool", "none", "decimal", "date", "time", "datetime", "timedelta", "uuid",
                      "url", "literal", "enum", "bytes"})  # fmt: skip
_WRAPPERS = frozenset({"model", "dataclass", "nullable", "function-after", "definitions", "default", "custom-error"})


def _end() -> NoReturn:
    raise ValidationError.from_exception_data(ENDED, [{"type": "missing", "loc": (), "input": None}])


def has_many_fields(schema: Node) -> bool:
    """Whether a model in this schema has too many fields for a copy of the body for each."""
    return any(len(node["fields"]) > 8 for node in descendants(schema) if node.get("type") in _OBJECTS)


def ending_at_missing(schema: Node) -> dict[str, Any]:
    """The same schema, whose validation ends at the first missing field if that makes the whole value invalid."""
    definitions = {each["ref"]: each for node in descendants(schema) for each in node.get("definitions", ())}
    caught = _caught_references(schema, definitions)

    def changed(node: Node) -> Node:
        kind = node.get("type")
        if kind in ("function-wrap", "call") or node.get("on_error", "raise") != "raise":
            return node
        if node.get("custom_error_type") == INVALID_PART:  # its error would keep a copy, and validation would go on
            return {"type": "default", "schema": node["schema"], "default_factory": _end, "on_error": "default"}
        if kind == "union":
            alone = _disjoint_choices(node, definitions)
            return rebuilt(node, lambda choice: changed(choice) if id(choice) in alone else choice)
        if kind == "definitions":
            parts = [each if each["ref"] in caught else changed(each) for each in node["definitions"]]
            return {**node, "schema": changed(node["schema"]), "definitions": parts}
        made = rebuilt(node, changed)
        return _ending(made) if kind in _FIELDS and _is_required(node) else made

    return dict(changed(schema))


def _is_required(field: Node) -> bool:
    if field.get("init") is False:
        return False  # the dataclass sets it
    return field["schema"].get("type") != "default" and field.get("required", True) is not False


def _ending(field: dict[str, Any]) -> dict[str, Any]:
    made = {**field, "schema": {"type": "default", "schema": field["schema"], "default_factory": _end}}
    return {**made, "required": False} if field["type"] == "typed-dict-field" else made


def _disjoint_choices(union: Node, definitions: Mapping[str, Node]) -> set[int]:
    """The members of a union that accept a kind of JSON that no other member accepts, by their identity."""
    choices = choices_of(union)
    kinds = [set(_kinds(choice, definitions, ())) for choice in choices]
    return {
        id(choice)
        for index, choice in enumerate(choices)
        if not any(
            kinds[index] & other or "any" in kinds[index] | other for at, other in enumerate(kinds) if at != index
        )
    }


def _kinds(node: Node, definitions: Mapping[str, Node], seen: tuple[str, ...]) -> Iterator[str]:
    """The kinds of JSON that a schema accepts: "object", "array", "scalar", or "any"."""
    kind = node.get("type")
    if kind == "definition-ref":
        ref = node["schema_ref"]
        if ref not in seen:
            yield from _kinds(definitions[ref], definitions, (*seen, ref)) if ref in definitions else ("any",)
    elif kind in _OBJECTS or kind in ("dict", "tagged-union"):
        yield "object"
    elif kind in _ARRAYS:
        yield "array"
    elif kind in _SCALARS:
        yield "scalar"
    elif kind == "union":
        for choice in choices_of(node):
            yield from _kinds(choice, definitions, seen)
    elif kind in _WRAPPERS:
        if kind == "nullable":
            yield "scalar"
        yield from _kinds(node["schema"], definitions, seen)
    else:
        yield "any"


def _caught_references(schema: Node, definitions: Mapping[str, Node]) -> set[str]:
    """The definitions that are used in a schema that may catch their failure."""
    found: set[str] = set()
    waiting: list[tuple[Node, bool]] = [(schema, False)]
    while waiting:
        node, is_caught = waiting.pop()
        kind = node.get("type")
        if kind == "definition-ref":
            ref = node["schema_ref"]
            if is_caught and ref not in found and ref in definitions:
                found.add(ref)
                waiting.append((definitions[ref], True))
            continue
        catches = kind in ("function-wrap", "call") or node.get("on_error", "raise") != "raise"
        alone = _disjoint_choices(node, definitions) if kind == "union" else set()
        for _, _, child in children(node):
            inside = is_caught or catches or (kind == "union" and id(child) not in alone)
            waiting.append((child, inside and kind != "definitions"))
    return found

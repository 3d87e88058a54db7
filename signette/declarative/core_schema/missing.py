"""Validation that ends at the first missing field, where pydantic would copy the body for each.

An error of pydantic keeps the value that it is about, copied from the parsed JSON. The value of a missing field is the
whole object that lacks it: 60 missing fields keep 60 copies of a body, and a model inside a model, 190 levels deep, 190
copies of what is inside of all of them. `ending_at_missing` gives required fields a default whose factory raises, which
ends validation at once, without a copy.

That is done only where the failure of a part is that of the whole. A member of a union may fail, and the next one fit,
unless no other member takes an object. A user's wrap validator may catch what fails inside of it.
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
_HAND_ON = frozenset({"model", "dataclass", "nullable", "function-after", "definitions", "default", "custom-error"})


def _end() -> NoReturn:
    raise ValidationError.from_exception_data(ENDED, [{"type": "missing", "loc": (), "input": None}])


def has_many_fields(schema: Node) -> bool:
    """Whether a model in this schema has so many fields that a copy of the body for each is too much."""
    return any(len(node["fields"]) > 8 for node in descendants(schema) if node.get("type") in _OBJECTS)


def ending_at_missing(schema: Node) -> dict[str, Any]:
    """The same schema, whose validation ends at the first missing field, where that settles that all has failed."""
    definitions = {each["ref"]: each for node in descendants(schema) for each in node.get("definitions", ())}
    caught = _caught_references(schema, definitions)

    def free(node: Node) -> Node:
        kind = node.get("type")
        if kind in ("function-wrap", "call") or node.get("on_error", "raise") != "raise":
            return node
        if node.get("custom_error_type") == INVALID_PART:  # it would go on with an error that holds a copy
            return {"type": "default", "schema": node["schema"], "default_factory": _end, "on_error": "default"}
        if kind == "union":
            alone = _alone(node, definitions)
            return rebuilt(node, lambda choice: free(choice) if id(choice) in alone else choice)
        if kind == "definitions":
            cached = [each if each["ref"] in caught else free(each) for each in node["definitions"]]
            return {**node, "schema": free(node["schema"]), "definitions": cached}
        made = rebuilt(node, free)
        return _ending(made) if kind in _FIELDS and _is_required(node) else made

    return dict(free(schema))


def _is_required(field: Node) -> bool:
    if field.get("init") is False:
        return False  # it is not read, but set by the dataclass
    return field["schema"].get("type") != "default" and field.get("required", True) is not False


def _ending(field: dict[str, Any]) -> dict[str, Any]:
    made = {**field, "schema": {"type": "default", "schema": field["schema"], "default_factory": _end}}
    return {**made, "required": False} if field["type"] == "typed-dict-field" else made


def _alone(union: Node, definitions: Mapping[str, Node]) -> set[int]:
    """The members of a union that take what no other member takes, by their identity."""
    choices = choices_of(union)
    taken = [set(_kinds(choice, definitions, ())) for choice in choices]
    return {
        id(choice)
        for index, choice in enumerate(choices)
        if not any(
            taken[index] & other or "any" in taken[index] | other for at, other in enumerate(taken) if at != index
        )
    }


def _kinds(node: Node, definitions: Mapping[str, Node], seen: tuple[str, ...]) -> Iterator[str]:
    """The kinds of JSON that a schema takes: "object", "array", "scalar", or "any"."""
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
    elif kind in _HAND_ON:
        if kind == "nullable":
            yield "scalar"
        yield from _kinds(node["schema"], definitions, seen)
    else:
        yield "any"


def _caught_references(schema: Node, definitions: Mapping[str, Node]) -> set[str]:
    """The definitions that are used where a failure may be caught."""
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
        alone = _alone(node, definitions) if kind == "union" else set()
        for _, _, child in children(node):
            inside = is_caught or catches or (kind == "union" and id(child) not in alone)
            waiting.append((child, inside and kind != "definitions"))
    return found

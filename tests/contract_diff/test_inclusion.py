"""Whether each value of one schema is a value of another one: examples, and jsonschema as the oracle."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from signette.contract.diff.branches import Reader
from signette.contract.diff.documents import node_of
from signette.contract.diff.inclusion import Inclusion
from signette.contract.diff.reasons import Reason
from signette.contract.errors import ContractError
from tests.contract_diff.strategies import VALUES, closed, documents, pairs

FUZZ = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def reasons(sub: Any, sup: Any, *, is_closed: bool = True, hidden: str | None = None) -> list[Reason]:
    found = Inclusion(Reader(hidden), closed=is_closed).reasons(node_of(sub), node_of(sup))
    return [reason for reason in found if not reason.soft]


def counterexamples(sub: Any, sup: Any) -> list[Any]:
    """The values of `sub` that are not values of `sup`."""
    narrow, wide = Draft202012Validator(sub), Draft202012Validator(sup)
    return [value for value in VALUES if narrow.is_valid(value) and not wide.is_valid(value)]


@FUZZ
@given(documents())
def test_what_is_within_another_schema_has_no_value_outside_of_it(pair: tuple[Any, Any]) -> None:
    sub, sup = pair
    if not reasons(sub, sup, is_closed=False):
        assert counterexamples(sub, sup) == []


@pytest.mark.slow
@settings(FUZZ, max_examples=150)
@given(documents())
def test_many_schemas_within_another_one_have_no_value_outside_of_it(pair: tuple[Any, Any]) -> None:
    sub, sup = pair
    if not reasons(sub, sup, is_closed=False):
        assert counterexamples(sub, sup) == []


@FUZZ
@given(pairs(plain=True))
def test_a_closed_schema_has_only_the_properties_that_it_lists(pair: tuple[Any, Any]) -> None:
    sub, sup = pair
    if not reasons(sub, sup):
        assert counterexamples(closed(sub), sup) == []


@FUZZ
@given(documents())
def test_each_schema_is_within_itself(pair: tuple[Any, Any]) -> None:
    schema, _ = pair
    assert reasons(schema, {**schema, "title": "the same"}) == []


def obj(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


TEXT, WHOLE, NUMBER, NULL = ({"type": name} for name in ("string", "integer", "number", "null"))
NODE = {"$ref": "#/$defs/node"}


def tree(leaf: Any) -> dict[str, Any]:
    return {**NODE, "$defs": {"node": obj("value", value=leaf, children={"type": "array", "items": NODE})}}


WITHIN: list[tuple[Any, Any]] = [
    (WHOLE, NUMBER),
    ({"type": "number", "multipleOf": 2}, WHOLE),
    ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}),
    ({"type": "number", "minimum": 1}, {"type": "number", "exclusiveMinimum": 0}),
    ({"type": "integer", "multipleOf": 6}, {"type": "integer", "multipleOf": 3}),
    ({"type": "integer"}, {"type": "number", "multipleOf": 0.5}),
    ({"enum": ["a", 1]}, {"anyOf": [WHOLE, {"type": "string", "pattern": "^a"}]}),
    ({"const": 1.0}, {"enum": [1, 2]}),
    ({"type": "boolean"}, {"enum": [False, True]}),
    ({"type": "integer", "minimum": 0, "maximum": 9}, {"anyOf": [{"minimum": 0, "maximum": 4}, {"minimum": 5}]}),
    ({"anyOf": [TEXT, NULL]}, {"type": ["null", "string"]}),
    ({"type": "string", "nullable": True}, {"anyOf": [TEXT, NULL]}),
    ({"allOf": [obj("a", a=TEXT), obj("b", b=WHOLE)]}, obj("a", "b", a=TEXT, b=NUMBER)),
    (obj("kind", kind={"const": "dog"}), {"oneOf": [obj("kind", kind={"const": name}) for name in ("cat", "dog")]}),
    ({"anyOf": [obj("kind", kind={"const": "dog"})]}, {"not": obj("kind", kind={"const": "cat"})}),
    ({"not": {"type": "string"}}, {"not": {"type": "string", "maxLength": 3}}),
    (False, TEXT),
    ({"type": "string", "minLength": 3, "maxLength": 2}, WHOLE),
    (tree(WHOLE), tree(NUMBER)),
    (obj(a=tree(WHOLE)["$defs"]["node"]["properties"]["value"]), obj(a=WHOLE)),
    ({"type": "array", "prefixItems": [TEXT], "items": False}, {"type": "array", "maxItems": 1, "items": TEXT}),
    ({"type": "array", "maxItems": 1}, {"type": "array", "uniqueItems": True}),
    ({"type": "object", "additionalProperties": WHOLE}, {"type": "object", "additionalProperties": NUMBER}),
    (obj("a", a=TEXT), {"type": "object", "minProperties": 1, "maxProperties": 1}),
    (obj(a=TEXT), {**obj(a=TEXT), "propertyNames": {"maxLength": 1}}),
    ({"type": "integer", "format": "int32"}, {"type": "integer", "format": "int64"}),
    ({"enum": ["2026-01-01"]}, {"type": "string", "format": "date"}),
    ({"type": "string", "x-unit": "m"}, {"type": "string", "x-unit": "km"}),
    (obj(a=TEXT, b=TEXT), {**obj(a=TEXT, b=TEXT), "dependentRequired": {"c": ["a"]}}),
    ({"if": WHOLE, "then": {"minimum": 1}, "else": False}, {"type": "integer", "minimum": 0}),
]  # fmt: skip


@pytest.mark.parametrize(("sub", "sup"), WITHIN)
def test_a_schema_is_within_another_one(sub: Any, sup: Any) -> None:
    assert reasons(sub, sup) == []


OUTSIDE: list[tuple[Any, Any, str, str]] = [
    (NUMBER, WHOLE, "type", ""),
    ({}, TEXT, "type", ""),
    ({"type": ["string", "null"]}, TEXT, "null", ""),
    ({"enum": ["a", "b"]}, {"enum": ["a"]}, "member", ""),
    (TEXT, {"enum": ["a"]}, "enum", ""),
    (TEXT, {"type": "string", "maxLength": 3}, "limit", ""),
    ({"type": "integer", "minimum": 0}, {"type": "integer", "minimum": 1}, "limit", ""),
    (TEXT, {"type": "string", "format": "date"}, "format", ""),
    ({"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}, "format", ""),
    (TEXT, {"type": "string", "pattern": "^a"}, "pattern", ""),
    (obj(a=TEXT), obj("a", a=TEXT), "required", ".a"),
    (obj(a=TEXT), {**obj(), "additionalProperties": False}, "property", ".a"),
    ({"type": "object"}, {**obj(a=TEXT), "additionalProperties": False}, "others", ""),
    (obj(a=obj(b=TEXT)), obj(a=obj(b=WHOLE)), "type", ".a.b"),
    ({"additionalProperties": NUMBER}, {"additionalProperties": WHOLE}, "type", "{}"),
    ({"type": "array", "items": NUMBER}, {"type": "array", "items": WHOLE}, "type", "[]"),
    ({"type": "array", "prefixItems": [NUMBER]}, {"type": "array", "prefixItems": [WHOLE]}, "type", "[0]"),
    ({"type": "array"}, {"type": "array", "prefixItems": [{}], "items": False}, "limit", ""),
    (tree(NUMBER), tree(WHOLE), "type", ".value"),
    ({"type": "string", "contentMediaType": "text/csv"}, {"type": "string", "contentMediaType": "text/html"},
     "contentMediaType", ""),
    ({"contentSchema": NUMBER, "type": "string"}, {"contentSchema": WHOLE, "type": "string"}, "type", "(decoded)"),
    (obj(a=TEXT, b=TEXT), {**obj(a=TEXT, b=TEXT), "dependentRequired": {"a": ["b"]}}, "dependent", ".b"),
    (obj(aa=TEXT), {**obj(aa=TEXT), "propertyNames": {"maxLength": 1}}, "names", ".aa"),
    ({"type": "array"}, {"type": "array", "uniqueItems": True}, "uniqueItems", ""),
    ({"type": "integer", "multipleOf": 2}, {"type": "integer", "multipleOf": 4}, "multipleOf", ""),
]  # fmt: skip


@pytest.mark.parametrize(("sub", "sup", "kind", "path"), OUTSIDE)
def test_a_reason_names_the_kind_and_the_place(sub: Any, sup: Any, kind: str, path: str) -> None:
    found = reasons(sub, sup)
    assert (kind, path) in {(reason.kind, "".join(reason.path)) for reason in found if reason.certain}


UNDECIDED: list[tuple[Any, Any]] = [
    ({"type": "array", "contains": WHOLE}, {"type": "array", "contains": NUMBER}),
    (TEXT, {"type": "string", "maxGraphemes": 3}),
    ({"anyOf": [TEXT, WHOLE]}, {"oneOf": [TEXT, {"type": ["string", "integer"], "maxLength": 9}]}),
    (obj(a=TEXT), {**obj(a=TEXT), "unevaluatedProperties": False}),
    (TEXT, {"$ref": "other.json#/Name"}),
    ({"anyOf": [{"type": "string", "maxLength": n} for n in range(30)]},
     {"allOf": [{"anyOf": [{"type": "string", "minLength": n} for n in range(30)]} for _ in range(2)]}),
]  # fmt: skip


@pytest.mark.parametrize(("sub", "sup"), UNDECIDED)
def test_what_cannot_be_decided_is_never_silently_compatible(sub: Any, sup: Any) -> None:
    found = reasons(sub, sup)
    assert found
    assert not any(reason.certain for reason in found)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": 1}, {"type": ["string", 1]}, {"$ref": 1}, {"anyOf": {}}, {"anyOf": [1]}, {"properties": []},
        {"properties": {"a": "string"}}, {"required": "a"}, {"enum": "a"}, {"pattern": 1}, {"multipleOf": 0},
        {"items": 1}, {"not": "a"}, {"dependentRequired": {"a": "b"}}, {"format": ["a"]},
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_read_is_an_error_with_its_place(schema: Any) -> None:
    (keyword,) = schema
    with pytest.raises(ContractError, match=f"invalid JSON Schema: `/properties/a/{re.escape(keyword)}` is "):
        reasons({"properties": {"a": schema}}, {"properties": {"a": TEXT}})
    with pytest.raises(ContractError):
        reasons({"properties": {"a": TEXT}}, {"properties": {"a": schema}})


def test_a_union_is_compared_member_by_member() -> None:
    def pets(**legs: Any) -> dict[str, Any]:
        members = {name: obj("kind", kind={"const": name}, legs=schema) for name, schema in legs.items()}
        return {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in members], "$defs": members}

    assert reasons(pets(cat=WHOLE, dog=WHOLE), pets(dog=NUMBER, cat=WHOLE)) == []
    (changed,) = reasons(pets(cat=WHOLE, dog=NUMBER), pets(cat=WHOLE, dog=WHOLE))
    assert (changed.kind, changed.path) == ("type", ("<dog>", ".legs"))
    (gone,) = reasons(pets(cat=WHOLE, dog=WHOLE), pets(cat=WHOLE))
    assert (gone.kind, gone.subject) == ("union", "dog")


def test_properties_of_one_direction_are_left_out() -> None:
    old, new = obj(a=TEXT), obj("a", "id", a=TEXT, id={"type": "string", "readOnly": True})
    assert {reason.subject for reason in reasons(old, new, hidden="readOnly")} == {"a"}
    assert {reason.subject for reason in reasons(old, new)} == {"a", "id"}


def test_a_discriminator_makes_members_exclude_each_other() -> None:
    members = [obj("kind", kind=TEXT, a=TEXT), obj("kind", kind=TEXT, b=TEXT)]
    wide = {"oneOf": [*members, obj("kind", kind=TEXT, c=TEXT)]}
    assert any(not reason.certain for reason in reasons({"anyOf": members}, wide))
    assert reasons({"anyOf": members}, {**wide, "discriminator": {"propertyName": "kind"}}) == []

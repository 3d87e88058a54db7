"""Pairs of schemas: the schema before, after, and the verdict for a request body and for a response.

From first principles: an input may only widen and an output may only narrow. So each row has two verdicts, and they are
never both `breaking` unless values were lost and gained.
"""

from typing import Any, NamedTuple

import pytest

from tests.contract_diff.contracts import verdicts, with_body, with_response

TEXT, WHOLE, NUMBER, NULL, ANY = ({"type": name} for name in ("string", "integer", "number", "null", "object"))


def obj(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def text(**limits: Any) -> dict[str, Any]:
    return {"type": "string", **limits}


def number(**limits: Any) -> dict[str, Any]:
    return {"type": "number", **limits}


def array(items: Any = TEXT, **limits: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **limits}


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "additionalProperties": False}


def opened(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "additionalProperties": True}


class Row(NamedTuple):
    before: Any
    after: Any
    body: str | None
    response: str | None


B, C, N = "breaking", "compatible", "note"

ROWS = [
    # types
    Row(WHOLE, NUMBER, "C type-added", "B type-added"),
    Row(NUMBER, WHOLE, "B type-removed", "C type-removed"),
    Row(TEXT, WHOLE, "B type-changed", "B type-changed"),
    Row(TEXT, {"type": ["string", "integer"]}, "C type-added", "B type-added"),
    Row({"anyOf": [TEXT, WHOLE]}, TEXT, "B type-removed", "C type-removed"),
    Row(TEXT, {}, "C type-added", "B type-added"),
    Row({}, TEXT, "B type-removed", "C type-removed"),
    Row(TEXT, array(TEXT), "B type-changed", "B type-changed"),
    Row({"type": "number", "multipleOf": 1}, WHOLE, None, None),
    # null
    Row(TEXT, {"anyOf": [TEXT, NULL]}, "C null-added", "B null-added"),
    Row({"type": ["string", "null"]}, TEXT, "B null-removed", "C null-removed"),
    Row({"type": ["string", "null"]}, {"anyOf": [TEXT, NULL]}, None, None),
    Row({"anyOf": [TEXT, NULL]}, {"anyOf": [NULL, TEXT]}, None, None),
    # listed values
    Row({"enum": ["a", "b"]}, {"enum": ["a", "b", "c"]}, "C enum-member-added", "B enum-member-added"),
    Row({"enum": ["a", "b"]}, {"enum": ["a"]}, "B enum-member-removed", "C enum-member-removed"),
    Row({"enum": ["a", "b"]}, {"enum": ["b", "a"]}, None, None),
    Row(TEXT, {"type": "string", "enum": ["a"]}, "B enum-set", "C enum-set"),
    Row({"type": "string", "enum": ["a"]}, TEXT, "C enum-unset", "B enum-unset"),
    Row({"const": 1}, {"enum": [1, 2]}, "C enum-member-added", "B enum-member-added"),
    Row({"type": "boolean"}, {"const": True}, "B enum-member-removed", "C enum-member-removed"),
    Row({"enum": ["a", "b"]}, text(pattern="^[ab]$"), None, None),
    Row({"enum": ["a", "b"]}, text(pattern="^[abc]$"), "C enum-unset", "B enum-unset"),
    # limits of numbers
    Row(number(maximum=10), number(maximum=5), "B limit-tightened", "C limit-tightened"),
    Row(number(maximum=5), number(maximum=10), "C limit-loosened", "B limit-loosened"),
    Row(NUMBER, number(minimum=0), "B limit-tightened", "C limit-tightened"),
    Row(number(minimum=0), NUMBER, "C limit-loosened", "B limit-loosened"),
    Row(number(minimum=0), number(exclusiveMinimum=0), "B limit-tightened", "C limit-tightened"),
    Row({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}, None, None),
    Row(number(multipleOf=2), number(multipleOf=4), "B multiple-of-set", "C multiple-of-set"),
    Row(number(multipleOf=4), number(multipleOf=2), "C multiple-of-unset", "B multiple-of-unset"),
    Row(number(multipleOf=2), number(multipleOf=3), "B multiple-of-changed", "B multiple-of-changed"),
    # texts
    Row(text(maxLength=9), text(maxLength=5), "B limit-tightened", "C limit-tightened"),
    Row(text(minLength=1), TEXT, "C limit-loosened", "B limit-loosened"),
    Row(TEXT, text(pattern="^a"), "B pattern-set", "C pattern-set"),
    Row(text(pattern="^a"), TEXT, "C pattern-unset", "B pattern-unset"),
    Row(text(pattern="^a"), text(pattern="^b"), "B pattern-changed", "B pattern-changed"),
    Row(text(pattern="^[A-Z]{3}$"), text(pattern="^[A-Z]{3,4}$"), "C pattern-unset", "B pattern-unset"),
    Row(text(pattern="^[A-Z]{3}$"), text(pattern="^[A-Z][A-Z]{2}$"), None, None),
    Row(text(pattern="^[A-Z]{3}$"), text(pattern="^[A-Z]{3}$", maxLength=3), None, None),
    Row(text(pattern="^(a|b)$"), {"enum": ["a", "b"]}, None, None),
    Row(TEXT, text(pattern=".*"), None, None),
    Row(TEXT, text(format="date"), "B format-set", "C format-set"),
    Row(text(format="date"), TEXT, "C format-unset", "B format-unset"),
    Row(text(format="date"), text(format="date-time"), "B format-changed", "B format-changed"),
    Row(text(format="uuid4"), text(format="uuid"), "C format-unset", "B format-unset"),
    Row(TEXT, text(format="password"), None, None),
    Row({"type": "integer", "format": "int32"}, {"type": "integer", "format": "int64"}, "C format-unset",
        "B format-unset"),
    Row(text(contentEncoding="base64"), text(contentEncoding="base64url"), "B content-encoding-changed",
        "B content-encoding-changed"),
    Row(text(contentMediaType="image/png"), text(contentMediaType="image/gif"), "B content-media-type-changed",
        "B content-media-type-changed"),
    Row(TEXT, text(contentEncoding="base64"), "B content-encoding-set", "C content-encoding-set"),
    Row(text(contentEncoding="base64"), TEXT, "C content-encoding-unset", "B content-encoding-unset"),
    Row(TEXT, text(contentMediaType="image/png"), "B content-media-type-set", "C content-media-type-set"),
    Row(text(contentMediaType="image/png"), TEXT, "C content-media-type-unset", "B content-media-type-unset"),
    # lists
    Row(array(WHOLE), array(NUMBER), "C type-added", "B type-added"),
    Row(array(), array(minItems=1), "B limit-tightened", "C limit-tightened"),
    Row(array(maxItems=5), array(maxItems=9), "C limit-loosened", "B limit-loosened"),
    Row(array(), array(uniqueItems=True), "B unique-items-set", "C unique-items-set"),
    Row(array(uniqueItems=True), array(), "C unique-items-unset", "B unique-items-unset"),
    Row({"type": "array", "prefixItems": [TEXT, WHOLE]}, {"type": "array", "prefixItems": [TEXT, NUMBER]},
        "C type-added", "B type-added"),
    Row({"type": "array", "prefixItems": [TEXT]}, {"type": "array", "prefixItems": [TEXT], "items": False},
        "B limit-tightened", "C limit-tightened"),
    # properties
    Row(obj(a=TEXT), obj("a", a=TEXT), "B property-required", "C property-required"),
    Row(obj("a", a=TEXT), obj(a=TEXT), "C property-optional", "B property-optional"),
    Row(obj(a=TEXT), obj(a=TEXT, b=TEXT), "C property-added", "C property-added"),
    Row(obj(a=TEXT), obj("b", a=TEXT, b=TEXT), "B required-property-added", "C property-added"),
    Row(obj(a=TEXT, b=TEXT), obj(a=TEXT), "N property-ignored", "N property-removed"),
    Row(obj("b", a=TEXT, b=TEXT), obj(a=TEXT), "N property-ignored", "B required-property-removed"),
    Row(closed(obj(a=TEXT, b=TEXT)), closed(obj(a=TEXT)), "B property-rejected", "N property-removed"),
    Row(closed(obj(a=TEXT)), closed(obj(a=TEXT, b=TEXT)), "C property-added", "B property-undeclared"),
    Row(obj(a=TEXT), closed(obj(a=TEXT)), None, None),
    Row(opened(obj(a=TEXT)), opened(obj(a=TEXT, b=WHOLE)), "B type-removed", "C type-removed"),
    Row(opened(obj(a=TEXT)), closed(obj(a=TEXT)), "B other-properties-forbidden", "C other-properties-forbidden"),
    Row(ANY, closed(obj()), "B other-properties-forbidden", "C other-properties-forbidden"),
    Row(closed(obj()), ANY, "C other-properties-allowed", "B other-properties-allowed"),
    Row(obj(long=TEXT), {**obj(long=TEXT), "propertyNames": {"maxLength": 3}}, "B property-names-limited",
        "C property-names-limited"),
    Row({**obj(long=TEXT), "propertyNames": {"maxLength": 3}}, obj(long=TEXT), "C property-names-freed",
        "B property-names-freed"),
    Row({**obj(a=TEXT, b=TEXT), "dependentRequired": {"a": ["b"]}}, obj(a=TEXT, b=TEXT),
        "C property-needs-no-other", "B property-needs-no-other"),
    Row({"type": "object", "additionalProperties": WHOLE}, {"type": "object", "additionalProperties": NUMBER},
        "C type-added", "B type-added"),
    Row({**ANY, "propertyNames": {"maxLength": 5}}, ANY, "C limit-loosened", "B limit-loosened"),
    Row(obj(a=TEXT, b=TEXT), {**obj(a=TEXT, b=TEXT), "dependentRequired": {"a": ["b"]}},
        "B property-needs-another", "C property-needs-another"),
    Row(obj(a=obj(b=TEXT)), obj(a=obj(b=WHOLE)), "B type-changed", "B type-changed"),
    Row({"type": "object", "minProperties": 1}, ANY, "C limit-loosened", "B limit-loosened"),
    # properties of one direction
    Row(obj(a=TEXT), obj("id", a=TEXT, id=text(readOnly=True)), None, "C property-added"),
    Row(obj("b", a=TEXT, b=TEXT), obj("b", a=TEXT, b=text(writeOnly=True)), None, "B required-property-removed"),
    # defaults and deprecations
    Row(obj(a=text(default="x")), obj(a=text(default="y")), "B default-changed", None),
    Row(obj(a=TEXT), obj(a=text(default="y")), "N default-set", None),
    Row(obj(a=text(default="x")), obj(a=TEXT), "N default-unset", None),
    Row(obj(a=TEXT), obj(a=text(deprecated=True)), "C deprecated", "C property-deprecated"),
    Row(obj(a=text(deprecated=True)), obj(a=TEXT), "C undeprecated", "C property-undeprecated"),
    # unions
    Row({"allOf": [obj("a", a=TEXT), obj(b=TEXT)]}, obj("a", a=TEXT, b=TEXT), None, None),
    Row({"oneOf": [TEXT, WHOLE]}, {"anyOf": [TEXT, WHOLE]}, None, None),
    Row({"not": TEXT}, {"not": text(minLength=3)}, "C type-added", "B type-added"),
    # what is only text for people
    Row(text(title="A", description="a", examples=["x"]), text(title="B"), None, None),
    Row(text(description="a", **{"x-unit": "m"}), text(**{"x-unit": "km"}), None, None),
    # what cannot be decided
    Row(array(contains=TEXT), array(contains=text(minLength=1)), "N not-compared", "N not-compared"),
    Row(TEXT, text(maxGraphemes=5), "N not-compared", None),
    Row(text(pattern="^a"), text(pattern="^(?=a)"), "N not-compared", "N not-compared"),
]  # fmt: skip

WORDS = {"B": "breaking", "C": "compatible", "N": "note"}


def expected(direction: str, cell: str | None) -> dict[str, str]:
    if cell is None:
        return {}
    verdict, name = cell.split()
    return {f"{direction}-{name}": WORDS[verdict]}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_change_of_a_request_body(row: Row) -> None:
    assert verdicts(with_body(row.before), with_body(row.after)) == expected("input", row.body)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_change_of_a_response(row: Row) -> None:
    assert verdicts(with_response(row.before), with_response(row.after)) == expected("output", row.response)


def pets(**members: Any) -> dict[str, Any]:
    """Components: a union of components with a discriminator."""
    schemas = {name: obj("kind", kind={"const": name}, **inner) for name, inner in members.items()}
    references = [{"$ref": f"#/components/schemas/{name}"} for name in members]
    mapping = {name: f"#/components/schemas/{name}" for name in members}
    union = {"oneOf": references, "discriminator": {"propertyName": "kind", "mapping": mapping}}
    return {**schemas, "Pet": union}


PET = {"$ref": "#/components/schemas/Pet"}
UNIONS = [
    ({"Cat": {}, "Dog": {}}, {"Cat": {}, "Dog": {}, "Fox": {}}, "C union-member-added", "B union-member-added"),
    ({"Cat": {}, "Dog": {}, "Fox": {}}, {"Cat": {}, "Dog": {}}, "B union-member-removed", "C union-member-removed"),
    ({"Cat": {}, "Dog": {"age": WHOLE}}, {"Cat": {}, "Dog": {"age": NUMBER}}, "C type-added", "B type-added"),
]


@pytest.mark.parametrize(("before", "after", "body", "response"), UNIONS)
def test_a_change_of_a_union(before: Any, after: Any, body: str, response: str) -> None:
    old, new = pets(**before), pets(**after)
    assert verdicts(with_body(PET, schemas=old), with_body(PET, schemas=new)) == expected("input", body)
    assert verdicts(with_response(PET, schemas=old), with_response(PET, schemas=new)) == expected("output", response)


def folder(size: Any) -> dict[str, Any]:
    return {"Folder": obj("size", size=size, inner=array({"$ref": "#/components/schemas/Folder"}))}


FOLDER = {"$ref": "#/components/schemas/Folder"}


def test_a_change_inside_of_a_schema_that_contains_itself_is_one_change() -> None:
    old, new = folder(WHOLE), folder(NUMBER)
    assert verdicts(with_body(FOLDER, schemas=old), with_body(FOLDER, schemas=new)) == {
        "input-type-added": "compatible"
    }
    assert verdicts(with_body(FOLDER, schemas=new), with_body(FOLDER, schemas=old)) == {
        "input-type-removed": "breaking"
    }
    assert verdicts(with_body(FOLDER, schemas=old), with_body(FOLDER, schemas=old)) == {}


def test_a_component_with_another_name_is_the_same_schema() -> None:
    other = {"Directory": folder(WHOLE)["Folder"]}
    other["Directory"]["properties"]["inner"] = array({"$ref": "#/components/schemas/Directory"})
    new = with_body({"$ref": "#/components/schemas/Directory"}, schemas=other)
    assert verdicts(with_body(FOLDER, schemas=folder(WHOLE)), new) == {}

"""OpenAPI documents of each version become contracts, which are as their schema says."""

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signette.contract.document import contract_of_document
from signette.contract.errors import ContractError
from signette.contract.model import resolve, text_of
from signette.contract.validating import first_fault
from tests.volume import examples

SCHEMAS = Path(__file__).parents[2] / "schemas"
SCHEMA = json.loads((SCHEMAS / "contract.schema.json").read_text("utf-8"))
EXAMPLES = sorted(each.stem for each in (SCHEMAS / "openapi").glob("*.json"))


def validate(contract: Any) -> None:
    """Raises ValidationError unless the contract is as the schema says."""
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(text_of(contract)))


def document(paths: dict[str, Any], version: str = "3.1.0", **members: Any) -> dict[str, Any]:
    return {"openapi": version, "info": {"title": "Shop", "version": "1"}, "paths": paths, **members}


def operation(*parameters: Any, **members: Any) -> dict[str, Any]:
    return {"parameters": list(parameters), "responses": {"204": {"description": "Done"}}, **members}


def test_the_schema_of_contracts_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_document_of_an_example_becomes_a_contract_of_the_schema(name: str) -> None:
    contract = contract_of_document(json.loads((SCHEMAS / "openapi" / f"{name}.json").read_text("utf-8")))
    validate(contract)
    assert contract["operations"]


def test_operations_and_path_parameters_are_found_without_their_names() -> None:
    item = {"name": "item_id", "in": "path", "required": True, "schema": {"type": "integer"}}
    shop = {"name": "shop", "in": "path", "required": True, "schema": {"type": "string"}}
    made = contract_of_document(document({"/shops/{shop}/items/{item_id}": {"get": operation(item, shop)}}))
    found = made["operations"]["GET /shops/{}/items/{}"]
    assert {key: each["name"] for key, each in found["inputs"].items()} == {"path 1": "shop", "path 2": "item_id"}


def test_parameters_of_a_path_are_those_of_its_operations_unless_these_declare_them() -> None:
    def limit(maximum: int) -> dict[str, Any]:
        return {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": maximum, "default": 5.0}}

    shared = {"parameters": [limit(10), {"name": "X-Shop", "in": "header", "schema": {"type": "string"}}]}
    made = contract_of_document(document({"/items": {**shared, "get": operation(limit(20)), "post": operation()}}))
    get, post = (made["operations"][f"{method} /items"]["inputs"] for method in ("GET", "POST"))
    assert get["query limit"]["schema"] == {"type": "integer", "maximum": 20}
    assert get["query limit"]["default"] == 5
    assert post["query limit"]["schema"]["maximum"] == 10
    assert post["header x-shop"]["name"] == "X-Shop"


def test_styles_are_written_also_if_they_are_the_default() -> None:
    parameters = [{"name": "a", "in": place, "schema": {}} for place in ("query", "header", "cookie")]
    found = contract_of_document(document({"/items": {"get": operation(*parameters)}}))["operations"]["GET /items"]
    assert [(each["style"], each["explode"]) for each in found["inputs"].values()] == [
        ("form", True), ("simple", False), ("form", True),
    ]  # fmt: skip


def test_all_references_but_those_to_schemas_are_resolved() -> None:
    components = {
        "parameters": {"Limit": {"name": "limit", "in": "query", "schema": {"$ref": "#/components/schemas/Limit"}}},
        "requestBodies": {"Item": {"content": {"application/JSON": {"schema": {"type": "string"}}}}},
        "responses": {"Item": {"description": "Item", "headers": {"X-A": {"$ref": "#/components/headers/A"}}}},
        "headers": {"A": {"required": True, "schema": {"type": "string"}}},
        "schemas": {"Limit": {"type": "integer", "title": "Limit"}, "Unused": {"type": "string"}},
        "pathItems": {"Items": {"post": {"responses": {"200": {"$ref": "#/components/responses/Item"}}}}},
    }
    components["pathItems"]["Items"]["post"] |= {
        "parameters": [{"$ref": "#/components/parameters/Limit"}],
        "requestBody": {"$ref": "#/components/requestBodies/Item"},
    }
    paths = {"/items": {"$ref": "#/components/pathItems/Items"}}
    made = contract_of_document(document(paths, components=components))
    validate(made)
    found = made["operations"]["POST /items"]
    assert found["inputs"]["query limit"]["schema"] == {"$ref": "#/schemas/Limit"}
    assert found["body"] == {"required": False, "contents": {"application/json": {"schema": {"type": "string"}}}}
    assert found["responses"]["200"]["headers"] == {"x-a": {"required": True, "schema": {"type": "string"}}}
    assert made["schemas"] == {"Limit": {"type": "integer"}}
    assert resolve({"$ref": "#/schemas/Limit"}, made) == {"type": "integer"}


def test_a_schema_that_is_no_component_gets_a_name() -> None:
    tree = {
        "type": "object",
        "properties": {"child": {"$ref": "#/paths/~1trees/get/responses/200/content/a~1b/schema"}},
    }
    responses = {"200": {"description": "Tree", "content": {"a/b": {"schema": tree}}}}
    made = contract_of_document(document({"/trees": {"get": {"responses": responses}}}))
    validate(made)
    assert list(made["schemas"]) == ["paths.1trees.get.responses.200.content.a.1b.schema"]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "nullable": True}, {"type": ["null", "string"]}),
        ({"type": "string", "enum": ["a"], "nullable": True}, {"type": ["null", "string"], "enum": ["a", None]}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"allOf": [{"type": "string"}], "nullable": True}, {"anyOf": [{"type": "null"}, {"type": "string"}]}),
        ({"type": "string", "example": "a"}, {"type": "string"}),
    ],
)
def test_schemas_of_openapi_3_0_become_those_of_3_1(schema: Any, expected: Any) -> None:
    responses = {"200": {"description": "Done", "content": {"application/json": {"schema": schema}}}}
    made = contract_of_document(document({"/items": {"get": {"responses": responses}}}, "3.0.3"))
    assert made["operations"]["GET /items"]["responses"]["200"]["contents"]["application/json"]["schema"] == expected


def test_openapi_3_2_has_other_methods_and_streams_of_items() -> None:
    stream = {"content": {"application/jsonl": {"itemSchema": {"type": "integer"}}}}
    item = {"query": {"responses": {"200": stream}}, "additionalOperations": {"COPY": operation()}}
    made = contract_of_document(document({"/items": item}, "3.2.0"))
    assert made["operations"].keys() == {"QUERY /items", "COPY /items"}
    schema = made["operations"]["QUERY /items"]["responses"]["200"]["contents"]["application/jsonl"]["schema"]
    assert schema == {"type": "array", "items": {"type": "integer"}}


def test_problems_are_found_by_their_type() -> None:
    def problem(kind: Any) -> dict[str, Any]:
        return {"type": "object", "properties": {"type": kind, "left": {"type": "integer"}}}

    members = [problem({"const": "urn:gone"}), problem({"enum": ["urn:sold"]}), problem({"type": "string"})]
    content = {"application/problem+json": {"schema": {"oneOf": members}}, "text/plain": {}}
    made = contract_of_document(document({"/items": {"get": {"responses": {"4xx": {"content": content}}}}}))
    validate(made)
    found = made["operations"]["GET /items"]
    assert found["problems"].keys() == {"4XX urn:gone", "4XX urn:sold", "4XX"}
    assert found["responses"]["4XX"]["contents"] == {"text/plain": {"schema": {}}}


def test_security_is_a_list_of_alternatives() -> None:
    key = {"type": "apiKey", "in": "header", "name": "X-Key", "description": "Ask us."}
    schemes = {"key": key, "oauth": {"type": "oauth2", "flows": {}}, "unused": {"type": "http", "scheme": "basic"}}
    paths = {
        "/both": {"get": operation()},
        "/open": {"get": operation(security=[])},
        "/either": {"get": operation(security=[{"oauth": ["b", "a"], "key": []}, {}])},
    }
    components = {"securitySchemes": schemes}
    made = contract_of_document(document(paths, components=components, security=[{"key": []}]))
    validate(made)
    found = {key: each["security"] for key, each in made["operations"].items()}
    assert found["GET /both"] == [[{"scheme": "key", "scopes": []}]]
    assert found["GET /open"] == []
    assert found["GET /either"] == [[], [{"scheme": "key", "scopes": []}, {"scheme": "oauth", "scopes": ["a", "b"]}]]
    assert made["schemes"] == {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "oauth": {"type": "oauth2", "flows": {}},
    }


def test_webhooks_and_callbacks_are_operations() -> None:
    paths = {"/orders": {"post": operation(callbacks={"paid": {"{$request.body#/url}": {"post": operation()}}})}}
    made = contract_of_document(document(paths, webhooks={"order_sent": {"post": operation(operationId="sent")}}))
    validate(made)
    assert made["webhooks"]["POST order_sent"]["name"] == "sent"
    assert made["operations"]["POST /orders"]["callbacks"].keys() == {"POST paid {$request.body#/url}"}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ([], "the document is not an object"),
        ({"swagger": "2.0"}, "the document is of Swagger 2.0"),
        ({"title": "other"}, "the document is not an OpenAPI document"),
        ({"openapi": "4.0.0"}, "OpenAPI 4.0.0 is not supported"),
        (document({"/a": {"$ref": "other.json#/a"}}), "`$ref: other.json#/a` is not in the document"),
        (document({"/a": {"$ref": "#/a/b"}}), "`$ref: #/a/b` points to nothing"),
        (document({"/a": {"$ref": "#/paths/~1a"}}), "`$ref: #/paths/~1a` refers to itself"),
        (document({"/a": {"get": operation({"name": "a", "in": "query", "schema": 3})}}), "3 is not a JSON Schema"),
        (document({"/a": 3}), "3 is not an object"),
        (document({"/a": {"parameters": {"name": "a"}, "get": {}}}), "{'name': 'a'} is not a list"),
        (document({"/a": {"get": operation({"name": "a", "in": "body"})}}), "the parameter `a` is in `body`"),
    ],
)
def test_a_document_that_cannot_be_read_is_an_error_with_a_hint(value: Any, problem: str) -> None:
    with pytest.raises(ContractError) as caught:
        contract_of_document(value)
    assert caught.value.problem == problem
    assert caught.value.hint


def places_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all members and items of a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from places_of(each, (*path, key))


DOCUMENT = json.loads((SCHEMAS / "openapi" / "market.json").read_text("utf-8"))
OFFERS = DOCUMENT["paths"]["/offers"]
OFFERS["post"]["callbacks"] = {"paid": {"{$request.body#/url}": {"post": {"responses": {}}}}}
DOCUMENT |= {"paths": {"/offers": OFFERS}, "webhooks": {"sent": OFFERS}, "servers": [{"url": "/"}]}
WRONG = (None, 3, True, "x", [], [3], [[]], {}, {"a": 3}, {"$ref": 3}, {"$ref": "#/a"}, {"$ref": []}, {"content": []})


@given(st.sampled_from(list(places_of(DOCUMENT))), st.sampled_from(WRONG))
@settings(max_examples=examples(100), suppress_health_check=list(HealthCheck), deadline=None)
def test_a_document_with_a_wrong_value_is_an_error_or_a_contract(path: tuple[Any, ...], wrong: Any) -> None:
    changed: Any = copy.deepcopy(DOCUMENT)
    *outer, last = path
    target = changed
    for key in outer:
        target = target[key]
    target[last] = wrong
    contract = None
    with suppress(ContractError):
        contract = contract_of_document(changed)
    assert contract is None or first_fault(json.loads(text_of(contract))) is None

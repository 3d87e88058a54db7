"""The request bodies of merge patches."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from signette import JSONPatch, Patch
from signette.declarative.adapters.patch_operations import MAX_OPERATIONS
from tests.declarative.openapi.conftest import VALIDATORS
from tests.declarative.test_json_patch import CHANGES as OPERATION_CHANGES
from tests.declarative.test_json_patch import EITHER, PATCHES, app_of
from tests.declarative.test_patch import ADA, CHANGES, MERGE, User, applied


def test_the_document_has_a_schema_of_optional_members() -> None:
    operation = app_of(ADA, Patch[User]).openapi()["paths"]["/"]["patch"]
    content = operation["requestBody"]["content"]
    assert list(content) == [MERGE, "application/json"]
    assert content[MERGE] == content["application/json"]
    schema = content[MERGE]["schema"]
    assert (schema["title"], "required" in schema, schema["additionalProperties"]) == ("UserPatch", False, False)
    members = schema["properties"]
    null = {"type": "null"}
    assert members["name"] == {"type": "string", "minLength": 1}
    assert members["email"]["anyOf"] == [{"type": "string"}, null]
    assert members["tags"]["anyOf"] == [{"type": "array", "items": {"type": "string"}}, null]
    assert members["address"]["anyOf"][0]["properties"]["street"] == {"type": "string"}
    assert "required" not in members["address"]["anyOf"][0]
    assert null in members["places"]["anyOf"][0]["additionalProperties"]["anyOf"]
    assert "Accept-Patch" in operation["responses"]["415"]["headers"]
    assert "Accept-Post" not in operation["responses"]["415"]["headers"]


class Tree(BaseModel):
    left: "Tree | None" = None
    label: str


def test_a_recursive_model_has_a_finite_schema() -> None:
    app = app_of(Tree(label="a"), Patch[Tree])
    schema = app.openapi()["paths"]["/"]["patch"]["requestBody"]["content"][MERGE]["schema"]
    assert schema["properties"]["left"]["anyOf"][0] == {"type": "object"}
    assert applied(Tree(label="a"), {"left": {"label": "b"}}) == Tree(label="a", left=Tree(label="b"))


@pytest.mark.parametrize("patch", [patch for patch, _ in CHANGES])
def test_each_patch_that_is_accepted_is_valid_by_the_schema(patch: dict[str, Any]) -> None:
    document = app_of(ADA, Patch[User]).openapi()
    schema = document["paths"]["/"]["patch"]["requestBody"]["content"][MERGE]["schema"]
    Draft202012Validator(schema | {"components": document["components"]}).validate(patch)


def test_each_media_type_has_the_schema_of_its_kind() -> None:
    operation = app_of(ADA, EITHER).openapi()["paths"]["/"]["patch"]
    content = operation["requestBody"]["content"]
    assert list(content) == [MERGE, "application/json", PATCHES]
    assert content[MERGE] == content["application/json"]
    schema = content[PATCHES]["schema"]
    assert (schema["title"], schema["type"], schema["maxItems"]) == ("UserJSONPatch", "array", MAX_OPERATIONS)
    assert operation["responses"]["409"]["content"].keys() == {"application/problem+json"}
    assert "Accept-Patch" in operation["responses"]["415"]["headers"]
    assert list(app_of(ADA, JSONPatch[User]).openapi()["paths"]["/"]["patch"]["requestBody"]["content"]) == [PATCHES]


OPERATIONS = [each for operations, _ in OPERATION_CHANGES for each in operations]
NO_OPERATIONS: list[Any] = [{}, {"op": "put", "path": ""}, {"op": "add", "path": "/a"}, {"op": "move", "path": "/a"}]


def test_the_schema_accepts_operations_and_nothing_else() -> None:
    content = app_of(ADA, EITHER).openapi()["paths"]["/"]["patch"]["requestBody"]["content"]
    schema = Draft202012Validator(content[PATCHES]["schema"])
    schema.validate(OPERATIONS)
    assert not any(schema.is_valid([each]) for each in NO_OPERATIONS)


@pytest.mark.parametrize("annotation", [Patch[User], JSONPatch[User], EITHER], ids=["merge", "operations", "either"])
@pytest.mark.parametrize("dialect", VALIDATORS)
def test_the_document_is_valid(dialect: Any, annotation: Any) -> None:
    app = app_of(ADA, annotation, openapi_version=dialect.version)
    VALIDATORS[dialect](app.openapi()).validate()

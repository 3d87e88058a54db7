"""The request bodies of merge patches."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from tests.declarative.openapi.conftest import VALIDATORS
from tests.declarative.test_patch import ADA, CHANGES, MERGE, app_of, applied


def test_the_document_has_a_schema_of_optional_members() -> None:
    operation = app_of(ADA).openapi()["paths"]["/"]["patch"]
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
    app = app_of(Tree(label="a"))
    schema = app.openapi()["paths"]["/"]["patch"]["requestBody"]["content"][MERGE]["schema"]
    assert schema["properties"]["left"]["anyOf"][0] == {"type": "object"}
    assert applied(Tree(label="a"), {"left": {"label": "b"}}) == Tree(label="a", left=Tree(label="b"))


@pytest.mark.parametrize("patch", [patch for patch, _ in CHANGES])
def test_each_patch_that_is_accepted_is_valid_by_the_schema(patch: dict[str, Any]) -> None:
    document = app_of(ADA).openapi()
    schema = document["paths"]["/"]["patch"]["requestBody"]["content"][MERGE]["schema"]
    Draft202012Validator(schema | {"components": document["components"]}).validate(patch)


@pytest.mark.parametrize("dialect", VALIDATORS)
def test_the_document_is_valid(dialect: Any) -> None:
    app = app_of(ADA, openapi_version=dialect.version)
    VALIDATORS[dialect](app.openapi()).validate()

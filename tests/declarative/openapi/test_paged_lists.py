"""The parameters, the body and the fields of operations with pages."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from signette import App, Page
from tests.asgi import fetch
from tests.declarative.openapi.conftest import VALIDATORS

VERSIONS = list(VALIDATORS)


class User(BaseModel):
    id: int


def app_of(version: Any) -> App:
    app = App(cursor_keys=["a secret of all processes"], openapi_version=version.version)

    @app.get("/users")
    async def users(page: Page.Cursor[int], team: str | None = None) -> Page[User]:
        return page.of([User(id=1)], next=1)

    @app.get("/numbers")
    async def numbers(page: Page.Offset) -> Page[int]:
        return page.of([1], total=7)

    @app.get("/admins")
    async def admins(page: Page.Offset) -> Page[User]:
        return page.of([])

    return app


def resolved(document: Any, schema: Any) -> Any:
    return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_document_is_valid_and_has_parameters_statuses_and_links(version: Any) -> None:
    document = app_of(version).openapi()
    VALIDATORS[version](document).validate()
    by_key, by_offset = (document["paths"][path]["get"] for path in ("/users", "/numbers"))
    assert [each["name"] for each in by_key["parameters"]] == ["limit", "cursor", "team"]
    assert [each["name"] for each in by_offset["parameters"]] == ["limit", "offset"]
    limit, offset = (each["schema"] for each in by_offset["parameters"])
    assert limit == {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    assert offset == {"type": "integer", "minimum": 0, "maximum": 10_000, "default": 0}
    assert list(by_key["responses"]) == ["200", "400", "422"]
    assert list(by_offset["responses"]) == ["200", "422"]
    assert by_key["responses"]["200"]["headers"].keys() == {"Link"}


@pytest.mark.parametrize("version", VERSIONS)
async def test_bodies_fit_their_schemas(version: Any) -> None:
    app = app_of(version)
    document = app.openapi()
    for path, name in (("/users", "UserPage"), ("/numbers", "IntPage"), ("/admins", "UserPage")):
        schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert schema == {"$ref": f"#/components/schemas/{name}"}
        assert resolved(document, schema)["required"] == ["items", "next", "total"]
        validator = Draft202012Validator({"components": document["components"], **schema})
        validator.validate((await fetch(app, f"GET {path}")).json)


def test_pages_of_two_classes_with_one_name_have_the_names_of_their_modules() -> None:
    other = type("User", (BaseModel,), {"__annotations__": {"name": str}, "__module__": "shop.people"})
    app = App()

    @app.get("/users")
    async def users(page: Page.Offset) -> Page[User]:
        return page.of([])

    @app.get("/others")
    async def others(page: Page.Offset) -> Page[other]:  # type: ignore[valid-type]  # a type at runtime
        return page.of([])

    names = [name for name in app.openapi()["components"]["schemas"] if name.endswith("UserPage")]
    assert names == ["shop__people__UserPage", f"{__name__.replace('.', '__')}__UserPage"]


def test_without_nulls_the_members_need_not_be_there() -> None:
    app = App()

    @app.get("/", response_model_exclude_none=True)
    async def numbers(page: Page.Offset) -> Page[int]:
        return page.of([1])

    schema = app.openapi()["paths"]["/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["items"]

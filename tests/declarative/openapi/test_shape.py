import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field, computed_field

from signette.declarative.adapters.serializers import dumper
from signette.declarative.routing.routes import TypedRoute


class Part(BaseModel):
    name: str
    weight: int | None


class Whole(BaseModel):
    title: str
    secret: str
    note: str | None
    main: Part
    parts: list[Part]
    inner: "Whole | None" = None


class Spelled(BaseModel):
    long_name: str = Field(alias="longName")


WHOLE = Whole(title="t", secret="s", note=None, main=Part(name="p", weight=None), parts=[Part(name="q", weight=3)])
OPTIONS = [
    {},
    {"exclude": {"secret"}},
    {"include": {"title", "note"}},
    {"exclude_none": True},
    {"exclude": {"main": {"weight"}, "parts": {"__all__": {"name"}}}},
    {"include": {"parts": {"__all__": {"name"}}, "main": True}},
    {"exclude": {"secret": True}, "exclude_none": True},
    {"exclude_unset": True},
    {"exclude_defaults": True},
]


def route(annotation: Any, **options: Any) -> TypedRoute:
    async def read(): ...

    read.__annotations__["return"] = annotation
    return TypedRoute("/", read, options={f"response_model_{name}": value for name, value in options.items()})


def standalone(made: dict[str, Any]) -> dict[str, Any]:
    """The schema of the only response, with the components that it refers to where JSON Schema looks for them."""
    schema = made["paths"]["/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return {**schema, "components": made.get("components", {})}


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize(
    ("annotation", "value"), [(Whole, WHOLE), (list[Whole], [WHOLE, WHOLE]), (Whole | None, WHOLE)]
)
def test_what_is_sent_is_what_the_schema_says(document, options, annotation, value):
    nested = isinstance(value, list) and any(isinstance(each, dict | set) for each in options.values())
    declared = {
        name: {"__all__": each} if nested and isinstance(each, dict | set) else each for name, each in options.items()
    }
    schema = standalone(document(route(annotation, **declared)))
    sent = json.loads(dumper(annotation, declared)(value))
    Draft202012Validator(schema).validate(sent)
    for each in sent if isinstance(value, list) else [sent]:
        assert set(each) <= set(properties(schema))


def properties(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema["components"].get("schemas", {})
    while "properties" not in schema:
        if "$ref" in schema:
            schema = components[schema["$ref"].rsplit("/", 1)[-1]]
        else:
            schema = schema.get("items") or schema["anyOf"][0]
    return schema["properties"]


def test_an_excluded_field_is_not_documented(document):
    schema = standalone(document(route(Whole, exclude={"secret", "inner"})))
    assert list(schema["properties"]) == ["title", "note", "main", "parts"]
    assert schema["required"] == ["title", "note", "main", "parts"]


def test_a_model_that_loses_nothing_stays_a_reference(document):
    schema = standalone(document(route(Whole, exclude={"secret", "inner"})))
    assert schema["properties"]["main"] == {"$ref": "#/components/schemas/Part"}


def test_without_aliases_the_fields_own_names_are_documented(document):
    spelled = standalone(document(route(Spelled, by_alias=False)))
    assert list(properties(spelled)) == ["long_name"]


class Holding(BaseModel):
    one: Spelled
    rows: list[Spelled] = Field(serialization_alias="allRows")

    @computed_field(alias="howMany")  # type: ignore[prop-decorator]
    @property
    def count(self) -> int:
        return len(self.rows)


def test_a_field_with_an_alias_is_selected_by_its_name(document):
    schema = standalone(document(route(Spelled, include={"long_name"})))
    assert list(properties(schema)) == ["longName"]
    schema = standalone(document(route(Holding, exclude={"one": {"long_name"}, "rows": True, "count": True})))
    assert list(schema["properties"]) == ["one"]
    assert schema["properties"]["one"].get("properties", {}) == {}
    schema = standalone(document(route(Holding, include={"rows": {"__all__": {"long_name"}}})))
    assert list(schema["properties"]["allRows"]["items"]["properties"]) == ["longName"]


def test_for_a_list_the_names_are_those_of_its_items(document):
    schema = standalone(document(route(list[Whole], exclude={"secret"})))
    assert "secret" not in properties(schema)


def test_with_and_without_aliases_are_two_components(document):
    async def one() -> Spelled: ...
    async def two() -> Spelled: ...

    routes = TypedRoute("/1", one), TypedRoute("/2", two, options={"response_model_by_alias": False})
    assert list(document(*routes)["components"]["schemas"]) == ["Spelled-ByName", "Spelled-Output"]

from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar

import pytest
from pydantic import BaseModel, Field, computed_field

from signette.app import App
from signette.declarative.openapi.schemas import Schemas
from signette.declarative.routing.routes import TypedRoute

T = TypeVar("T")


class Plain(BaseModel):
    name: str
    size: int = 3


class Tree(BaseModel):
    label: str
    branches: "list[Tree]" = []
    trunk: "Tree | None" = None


class Priced(BaseModel):
    amount: int

    @computed_field
    def double(self) -> int:
        return self.amount * 2


class Order(BaseModel):
    price: Priced
    plain: Plain


class Page(BaseModel, Generic[T]):
    rows: list[T]


def same_name(**fields: Any) -> type[BaseModel]:
    made = type("Thing", (BaseModel,), {"__annotations__": fields, "__module__": f"shop.{'_'.join(fields)}"})
    assert issubclass(made, BaseModel)
    return made


def both_ways(model: Any) -> TypedRoute:
    async def swap(value): ...

    swap.__annotations__.update({"value": model, "return": model})
    return TypedRoute("/", swap, methods=["POST"])


def components(document: Any, *routes: TypedRoute) -> dict[str, Any]:
    found = document(*routes)["components"]["schemas"]
    return {name: schema for name, schema in found.items() if name not in ("Problem", "ValidationProblem")}


def test_a_model_that_reads_as_it_writes_is_one_component(document):
    assert components(document, both_ways(Plain)) == {
        "Plain": {
            "title": "Plain",
            "type": "object",
            "properties": {"name": {"type": "string"}, "size": {"type": "integer", "default": 3}},
            "required": ["name"],
        }
    }


def test_a_model_that_refers_to_itself_is_not_split_for_that(document):
    found = components(document, both_ways(Tree))
    assert list(found) == ["Tree"]
    assert found["Tree"]["properties"]["branches"]["items"] == {"$ref": "#/components/schemas/Tree"}


def test_models_that_refer_to_each_other_are_not_split_for_that(document):
    class Egg(BaseModel):
        hen: "Hen | None" = None

    class Hen(BaseModel):
        eggs: list[Egg]

    Egg.model_rebuild(_types_namespace={"Hen": Hen})
    assert list(components(document, both_ways(Hen))) == ["Egg", "Hen"]


def test_a_model_is_split_where_it_differs_and_so_is_what_refers_to_it(document):
    found = components(document, both_ways(Order))
    assert list(found) == ["Order-Input", "Order-Output", "Plain", "Priced-Input", "Priced-Output"]
    assert found["Order-Input"]["properties"]["price"] == {"$ref": "#/components/schemas/Priced-Input"}
    assert found["Order-Output"]["properties"]["price"] == {"$ref": "#/components/schemas/Priced-Output"}
    assert "double" not in found["Priced-Input"]["properties"]


def test_a_model_that_goes_one_way_only_keeps_its_name(document):
    async def read() -> Priced: ...

    assert list(components(document, TypedRoute("/", read))) == ["Priced"]


def test_two_classes_of_one_name_are_distinguished_by_their_modules(document):
    async def one(value: same_name(a=int)) -> None: ...
    async def two(value: same_name(b=str)) -> None: ...

    routes = TypedRoute("/one", one, methods=["POST"]), TypedRoute("/two", two, methods=["POST"])
    assert list(components(document, *routes)) == ["shop__a__Thing", "shop__b__Thing"]


def test_two_classes_of_one_name_and_one_look_are_one_component(document):
    class Local:
        class Plain(BaseModel):
            name: str
            size: int = 3

    async def one(value: Plain) -> Local.Plain: ...

    assert list(components(document, TypedRoute("/", one, methods=["POST"]))) == ["Plain"]


def test_two_local_classes_of_one_place_are_numbered(document):
    def make(kind: Any) -> Any:
        class Local(BaseModel):
            value: kind

        return Local

    async def swap(value: make(int)) -> make(str): ...
    async def also(value: make(str), more: make(bool)) -> None: ...

    routes = TypedRoute("/a", swap, methods=["POST"]), TypedRoute("/b", also, methods=["POST"])
    found = components(document, *routes)
    assert list(found) == ["Local-1", "Local-2", "Local-3"]
    assert components(document, *reversed(routes)) == found


def test_a_generic_model_has_a_readable_name(document):
    async def read() -> Page[Page[Plain]]: ...

    assert list(components(document, TypedRoute("/", read))) == ["Page_Page_Plain", "Page_Plain", "Plain"]


def test_a_discriminator_names_the_components(document):
    class Cat(BaseModel):
        kind: Literal["cat"]

    class Dog(BaseModel):
        kind: Literal["dog"]

    async def make(pet: Annotated[Cat | Dog, Field(discriminator="kind")]) -> None: ...

    made = document(TypedRoute("/", make, methods=["POST"]))
    schema = made["paths"]["/"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema["discriminator"] == {
        "propertyName": "kind",
        "mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"},
    }


def test_a_field_without_a_title_gets_no_title(document):
    class Words(BaseModel):
        first: int
        second: int = Field(title="The other")

    async def make(words: Words) -> None: ...

    properties = components(document, TypedRoute("/", make, methods=["POST"]))["Words"]["properties"]
    assert properties == {"first": {"type": "integer"}, "second": {"type": "integer", "title": "The other"}}


@pytest.mark.parametrize(
    ("annotation", "default", "documented"),
    [(Decimal, Decimal("1.50"), "1.50"), (float, 2.0, 2.0), (dict[str, int], {"a": 1}, {"a": 1}), (bool, True, True)],
)
def test_a_fields_default_is_documented_as_json(annotation, default, documented):
    model = type("Model", (BaseModel,), {"__annotations__": {"x": annotation}, "x": default, "__module__": __name__})
    schemas = Schemas()
    assert schemas.resolve(schemas.input_schema(model))["properties"]["x"]["default"] == documented


def test_a_schema_made_elsewhere_becomes_components_with_what_it_refers_to():
    schemas = Schemas()
    made = {"title": "Box", "properties": {"lid": {"$ref": "#/$defs/Lid"}}, "$defs": {"Lid": {"type": "string"}}}
    document, components = schemas.finish({"here": schemas.adopt(made)})
    assert document == {"here": {"$ref": "#/components/schemas/Box"}}
    assert components == {
        "Box": {"title": "Box", "properties": {"lid": {"$ref": "#/components/schemas/Lid"}}},
        "Lid": {"type": "string"},
    }


def test_what_an_external_schema_shares_with_the_others_is_there_once():
    schemas = Schemas()
    theirs = {
        "title": "Box",
        "properties": {"in": {"$ref": "#/$defs/Plain"}},
        "$defs": {"Plain": Plain.model_json_schema()},
    }
    del theirs["$defs"]["Plain"]["properties"]["name"]["title"]
    del theirs["$defs"]["Plain"]["properties"]["size"]["title"]
    _, components = schemas.finish([schemas.adopt(theirs), schemas.input_schema(Plain)])
    assert list(components) == ["Box", "Plain"]


def test_a_schema_that_nothing_leads_to_is_left_out():
    schemas = Schemas()
    schemas.input_schema(Order)
    _, components = schemas.finish([schemas.input_schema(Plain)])
    assert list(components) == ["Plain"]


def test_a_users_class_called_problem_does_not_replace_ours(document):
    class Problem(BaseModel):
        mine: int

    async def make(value: Problem) -> Problem: ...

    found = document(TypedRoute("/", make, methods=["POST"]))["components"]["schemas"]
    problems = [name for name in found if name.endswith("Problem") and name != "ValidationProblem"]
    assert len(problems) == 2
    assert sorted("mine" in found[name]["properties"] for name in problems) == [False, True]


def test_items_of_sections_are_finished_one_by_one() -> None:
    made = {"title": "Shared", "type": "object"}
    whole, alone = Schemas(), Schemas()
    expected = whole.finish({"paths": {"/a": whole.adopt(made), "/b": {"examples": [1]}}})
    sections = {"paths": {"/a": alone.adopt(made), "/b": {"examples": [1]}}}
    assert alone.finish_items(sections) == expected
    assert sections == {"paths": {}}


def test_operations_of_a_document_share_no_object_that_can_be_changed() -> None:
    async def read(n: int) -> dict[str, int]:
        return {"n": n}

    app = App()
    for path in ("/a/{n}", "/b/{n}"):
        app.get(path)(read)  # both have the same errors
    paths = app.openapi()["paths"]

    def parts(value: object) -> set[int]:
        inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        own = {id(value)} if isinstance(value, dict | list) else set()
        return own.union(*map(parts, inner))

    assert not parts(paths["/a/{n}"]) & parts(paths["/b/{n}"])

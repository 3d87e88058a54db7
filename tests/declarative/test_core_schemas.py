"""A field may have any name, also one that means something in pydantic's core schemas."""

import dataclasses
import keyword
import warnings
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, create_model
from pydantic_core import core_schema
from typing_extensions import TypedDict, is_typeddict

from signette.app import App
from signette.declarative.adapters.validators import adapter_of
from signette.declarative.core_schema.non_finite import may_contain_non_finite
from signette.declarative.core_schema.walk import children, descendants, rebuilt
from tests.asgi import JSON, fetch

# Each key that one of pydantic's core schemas can have.
KEYS = sorted(
    {
        key
        for each in vars(core_schema).values()
        if isinstance(each, type) and is_typeddict(each)
        for key in each.__annotations__
    }
)


def model(name: str, kind: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `schema` and `copy` are methods of a model
        return create_model("Named", **{name: (kind, ...)})


def typed_dict(name: str, kind: Any) -> Any:
    return TypedDict("Named", {name: kind})


def dataclass(name: str, kind: Any) -> Any:
    return dataclasses.make_dataclass("Named", [(name, kind)])


def tagged_union(name: str, kind: Any) -> Any:
    def tag_of(value: Any) -> str:
        return name

    return Annotated[Annotated[dict[str, kind], Tag(name)] | Annotated[str, Tag("else")], Discriminator(tag_of)]


SHAPES: list[Callable[[str, Any], Any]] = [model, typed_dict, dataclass, tagged_union]


def test_the_names_are_the_keys_that_were_misread() -> None:
    assert {"type", "metadata", "default", "serialization", "schema", "fields", "choices", "ref"} <= set(KEYS)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", [key for key in KEYS if not keyword.iskeyword(key)])
def test_a_field_of_any_name_is_looked_into(shape: Callable[[str, Any], Any], name: str) -> None:
    assert may_contain_non_finite(adapter_of(shape(name, float)).core_schema)
    assert may_contain_non_finite(adapter_of(list[shape(name, dict[str, Any]) | None]).core_schema)
    assert not may_contain_non_finite(adapter_of(shape(name, list[int])).core_schema)


@pytest.mark.parametrize("shape", [model, typed_dict, dataclass])
@pytest.mark.parametrize("name", ["type", "metadata", "default", "serialization", "schema", "fields", "choices"])
async def test_a_body_with_a_field_of_any_name_is_read(shape: Callable[[str, Any], Any], name: str) -> None:
    app = App()

    async def add(value: Any) -> str:
        return "read"

    add.__annotations__["value"] = shape(name, float)
    app.post("/")(add)
    assert (await fetch(app, "POST /", b'{"%s": 1.5}' % name.encode(), JSON)).body == b"read"
    assert (await fetch(app, "POST /", b'{"%s": NaN}' % name.encode(), JSON)).status == 400


class Pair(NamedTuple):
    type: str
    default: float


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[str, int]


def doubled(first: float, *rest: float, **named: float) -> float:
    return first


class Circle(BaseModel):
    type: Literal["circle"]
    radius: float


class Square(BaseModel):
    type: Literal["square"]
    side: int


KINDS = [
    Pair,
    Annotated[Circle | Square, Field(discriminator="type")],
    tuple[int, Circle],
    Annotated[list[Circle], AfterValidator(list)],
    dict[str, Circle | None],
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_float_is_found_however_deep(kind: Any) -> None:
    assert may_contain_non_finite(adapter_of(kind).core_schema)


def test_a_model_whose_extra_members_have_a_type_keeps_what_the_type_keeps() -> None:
    assert not may_contain_non_finite(adapter_of(Open).core_schema)


@pytest.mark.parametrize("kind", [*KINDS, Open, model("type", int), typed_dict("fields", list[Circle])])
def test_a_schema_is_rebuilt_as_it_was(kind: Any) -> None:
    schema = adapter_of(kind).core_schema
    again = rebuilt(schema, lambda child: child)
    assert again == schema
    assert again is not schema


def test_each_schema_inside_is_visited_and_can_be_replaced() -> None:
    def with_strings(node: Any) -> Any:
        return {"type": "str"} if node["type"] == "float" else rebuilt(node, with_strings)

    schema = adapter_of(list[Circle | dict[str, tuple[float, int]]]).core_schema
    assert [node["type"] for node in descendants(schema)].count("float") == 2
    assert not may_contain_non_finite(with_strings(schema))


def test_arguments_are_schemas_too() -> None:
    schema = core_schema.call_schema(
        core_schema.arguments_schema(
            [core_schema.arguments_parameter("type", core_schema.int_schema())],
            var_args_schema=core_schema.float_schema(),
        ),
        doubled,
    )
    assert may_contain_non_finite(schema)
    assert [(key, name) for key, name, _ in children(schema["arguments_schema"])] == [
        ("arguments_schema", 0),
        ("var_args_schema", None),
    ]

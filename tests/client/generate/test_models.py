"""Models as source: a module with the source has the JSON Schemas of the application's models."""

import re
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Annotated, Any, Literal
from uuid import UUID

import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    TypeAdapter,
    create_model,
    field_serializer,
    model_serializer,
)
from pydantic_core import core_schema

from signette import Problem
from signette.client.generate.annotations import annotation_source
from signette.client.generate.definitions import define, joined
from signette.client.generate.errors import GenerationError
from signette.client.generate.imports import import_lines
from signette.client.generate.scope import Scope
from signette.client.runtime.schemas import RequestType
from tests.client.generate import zoo

MODES = ("validation", "serialization")
_numbers = count()


def source_of(*annotations: Any, sent: tuple[Any, ...] = (), reserved: frozenset[str] = frozenset()) -> list[str]:
    """The module that defines what the annotations use, and the annotations."""
    scope = Scope()

    def print_all() -> list[str]:
        return [annotation_source(each, scope) for each in annotations]

    blocks = define(scope, reserved, print_all, lambda: [annotation_source(each, scope) for each in sent])
    names = print_all()
    head = import_lines(scope.imports, scope.aliases)
    return [f"from __future__ import annotations\n\n{head}\n\n\n{joined(blocks)}\n", *names]


@contextmanager
def executed(text: str) -> Iterator[dict[str, Any]]:
    """The names of a module with this source."""
    module = types.ModuleType(f"generated_{next(_numbers)}")
    sys.modules[module.__name__] = module  # where forward references are looked up
    try:
        exec(compile(text, module.__name__, "exec"), vars(module))
        yield vars(module)
    finally:
        del sys.modules[module.__name__]


def schema_of(annotation: Any, mode: Any) -> Any:
    """The JSON Schema, with definitions in place of references where that is possible, so that their names are gone."""
    schema = TypeAdapter(annotation).json_schema(mode=mode)
    definitions = schema.pop("$defs", {})

    def inlined(value: Any, above: tuple[str, ...]) -> Any:
        if isinstance(value, list):
            return [inlined(each, above) for each in value]
        if not isinstance(value, dict):
            return value
        if isinstance(value.get("$ref"), str):
            name = value["$ref"].removeprefix("#/$defs/")
            if name in above:
                return {"recursion": f"{len(above) - above.index(name)} up"}
            rest = {key: inlined(each, above) for key, each in value.items() if key != "$ref"}
            return inlined(definitions[name], (*above, name)) | rest
        return {key: inlined(each, above) for key, each in value.items() if key != "mapping"}

    return inlined(schema, ())


def assert_same_schemas(*annotations: Any) -> None:
    text, *names = source_of(*annotations)
    with executed(text) as module:
        for annotation, name in zip(annotations, names, strict=True):
            for mode in MODES:
                assert schema_of(eval(name, module), mode) == schema_of(annotation, mode), f"{name}, {mode}\n{text}"


def in_zoo() -> list[Any]:
    own = [
        value
        for name, value in vars(zoo).items()
        if isinstance(value, type) and value.__module__ == zoo.__name__ and "[" not in name
    ]
    computed = (zoo.Area, zoo.Mixin, zoo.Outer, zoo.Another)
    aliases = [zoo.JsonValue, zoo.Positive, zoo.Twins[int], zoo.UserId, zoo.Animal, zoo.Page[int]]
    return [each for each in own if each not in computed] + aliases


def test_all_kinds_of_models_keep_their_schemas() -> None:
    assert len(in_zoo()) >= 40
    assert_same_schemas(*in_zoo())


def test_the_order_of_the_models_makes_no_difference() -> None:
    assert source_of(*in_zoo())[0] == source_of(*reversed(in_zoo()))[0]


# Random models.

# Not recursive ones: pydantic 2.14 keeps the title of one use of a recursive model for all later uses.
SCALARS: list[Any] = [
    int, str, float, bool, Decimal, UUID, zoo.Color, zoo.UserId, Literal["a", 1], None, bytes, zoo.Point, zoo.Cat, Any,
    zoo.Options, Annotated[int, Field(ge=1, description='"one"')], Annotated[str, Field(max_length=3)],
    zoo.Page[str], zoo.Twins[bool],
]  # fmt: skip
DEFAULTS: list[Any] = [None, 1, -1.5, "it's", 'say "x"', "\\d\n\t\x00é", b"ab", [], {}, [1, (2,)], {"a": {"b": True}}]


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        inner.map(lambda each: list[each]),
        inner.map(lambda each: dict[str, each]),
        inner.map(lambda each: each | None if each is not None else None),
        st.tuples(inner, inner).map(lambda pair: tuple[pair]),
        inner.map(lambda each: Annotated[each, Field(title="T", examples=[1, "x" * 60])]),
        st.tuples(inner, inner).map(lambda pair: pair[0] | pair[1] if pair != (None, None) else None),
    )


ANNOTATIONS = st.recursive(st.sampled_from(SCALARS), containers, max_leaves=6)
NAMES = st.sampled_from(
    ["a", "long_name_of_a_field", "date", "int", "list", "set", "str", "id", "items", "Field", "Cat", "float", "tuple"]
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "alias": st.text("abC-", min_size=1, max_size=4),
        "title": st.text(max_size=5),
        "description": st.text(max_size=80),
        "default": st.sampled_from(DEFAULTS),
        "deprecated": st.booleans(),
        "exclude": st.booleans(),
        "json_schema_extra": st.just({"x-a": [1]}),
    },
)
FIELDS = st.dictionaries(NAMES, st.tuples(ANNOTATIONS, OPTIONS), max_size=5)
DOCS = st.one_of(
    st.none(), st.text(max_size=30).map("A{}".format), st.just('A "doc"'), st.just('"""\\ and\n\n    more\\')
)


@settings(max_examples=15)
@given(st.lists(st.tuples(FIELDS, DOCS), min_size=1, max_size=3), st.booleans())
def test_random_models_keep_their_schemas(models: list[tuple[dict[str, Any], str | None]], forbids: bool) -> None:
    config = ConfigDict(extra="forbid" if forbids else "ignore")
    made = []
    for number, (fields, doc) in enumerate(models):
        own = {name: (annotation, Field(**options)) for name, (annotation, options) in fields.items()}
        # Two modules may have models of one name.
        made.append(create_model("Model", __doc__=doc, __config__=config, __module__=f"shop{number}", **own))
    assert_same_schemas(*made)


# What a generated class is like.


def test_models_have_the_names_and_the_bases_of_the_application() -> None:
    text, _ = source_of(zoo.Derived)
    assert "class Base(BaseModel):" in text
    assert "class Derived(Base):" in text
    assert text.index("class Base") < text.index("class Derived")


def test_two_classes_of_one_name_get_longer_names() -> None:
    text, name = source_of(zoo.Client)
    assert name == "Client"
    assert re.findall(r"class (\w+Line)\(", text) == ["AnotherLine", "OuterLine"]


def made_in_a_function(**fields: Any) -> type[BaseModel]:
    return create_model("Local", __module__="shop", **fields)


def test_classes_that_have_all_names_in_common_get_numbers() -> None:
    models = [made_in_a_function(b=int), made_in_a_function(a=int)]
    text, *names = source_of(*models)
    assert names == ["Local3", "Local2"]
    assert source_of(*reversed(models))[0] == text


def test_a_class_with_the_name_of_the_module_s_own_gets_another() -> None:
    text, name = source_of(zoo.Client, reserved=frozenset({"Client"}))
    assert name == "ZooClient"
    with executed(text) as module:
        assert module[name].model_json_schema()["title"] == "Client"


def test_fields_may_be_set_by_their_names_in_python() -> None:
    text, _ = source_of(zoo.Camel)
    with executed(text) as module:
        made = module["Camel"](first_name="Ada", last_name="L")
        assert made.model_dump(by_alias=True) == {"firstName": "Ada", "lastName": "L"}
        assert module["Camel"].model_validate({"firstName": "Ada"}).first_name == "Ada"


def test_validators_methods_and_private_attributes_are_left_out() -> None:
    text, *_ = source_of(zoo.Validated, zoo.Derived, zoo.Mixed)
    assert "def " not in text
    assert "_hidden" not in text
    assert "validator" not in text


def test_a_computed_field_is_a_field_of_results() -> None:
    text, _ = source_of(zoo.Area)
    with executed(text) as module:
        area = module["Area"].model_validate({"width": 2, "height": 3, "size": 6})
        assert area.size == 6
        assert schema_of(module["Area"], "serialization") == schema_of(zoo.Area, "serialization")


def test_a_computed_field_is_not_sent() -> None:
    text, _ = source_of(zoo.Area, sent=(zoo.Area,))
    with executed(text) as module:
        area = module["Area"](width=2, height=3)
        assert area.size is None
        received = module["Area"].model_validate({"width": 2, "height": 3, "size": 6})
        assert [RequestType(module["Area"]).json_of(each) for each in (area, received)] == [
            {"width": 2, "height": 3}
        ] * 2
        assert received.size == 6


class Gone(Problem, status=410, detail="{code} was closed"):
    """It was closed."""

    code: str
    since: int = 2000


def test_problems_are_classes_with_typed_members() -> None:
    text, name = source_of(Gone)
    assert name == "Gone"
    assert text.endswith(
        "class Gone(Problem):\n"
        '    """It was closed."""\n\n'
        "    status: ClassVar[int] = 410\n"
        '    type: ClassVar[str] = "urn:problem-type:gone"\n'
        '    title: ClassVar[str] = "Gone"\n\n'
        "    code: str\n"
        "    since: int = 2000\n"
    )


# What has no source.


class Money:
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema.no_info_plain_validator_function(cls)


class Plain:
    pass


def made_by_hand() -> str:
    return next(iter(UUIDS))


UUIDS = (str(number) for number in count())


@pytest.mark.parametrize(
    ("annotation", "problem"),
    [
        (Money, "the type `Money`"),
        (list[Plain], "the type `Plain`"),
        (Annotated[int, PlainValidator(int)], "a `PlainValidator`"),
        (Annotated[int, PlainSerializer(str)], "a `PlainSerializer`"),
    ],
)
def test_a_type_without_source_is_an_error_at_its_field(annotation: Any, problem: str) -> None:
    model = create_model(
        "Order", __config__=ConfigDict(arbitrary_types_allowed=True), __module__="shop", total=annotation
    )
    with pytest.raises(GenerationError) as raised:
        source_of(model)
    assert str(raised.value) == (
        f"shop.Order.total: {problem} has no source\n  hint: import the models instead: `--models import`"
    )


class Dated(BaseModel):
    day: date
    price: Decimal

    @field_serializer("day")
    def written_out(self, value: date) -> str:
        return f"{value:%d %B}"


class Rounded(BaseModel):
    price: Annotated[float, Field(ge=0)]

    @field_serializer("price")
    def in_cents(self, value: float) -> float:
        return round(value, 2)


class Flat(BaseModel):
    price: int

    @model_serializer
    def as_number(self) -> int:
        return self.price


class Custom(BaseModel):
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return handler(source)


@pydantic.dataclasses.dataclass
class DatedPoint:
    day: date

    @field_serializer("*")
    def written_out(self, value: date) -> str:
        return f"{value:%d %B}"


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (Dated, "Dated.day: the serializer `written_out`"),
        (DatedPoint, "DatedPoint.day: the serializer `written_out`"),
        (Flat, "Flat: the serializer `as_number`"),
        (Custom, "Custom: its own core schema"),
    ],
)
def test_code_that_changes_json_has_no_source(model: type, problem: str) -> None:
    with pytest.raises(GenerationError, match=re.escape(f"test_models.{problem} has no source")):
        source_of(model)


def test_a_serializer_that_keeps_the_type_is_left_out() -> None:
    text, name = source_of(Rounded)
    with executed(text) as module:
        assert schema_of(module[name], "validation") == schema_of(Rounded, "validation")


def test_a_factory_of_the_application_has_no_source() -> None:
    model = create_model("Order", __module__="shop", id=(str, Field(default_factory=made_by_hand)))
    with pytest.raises(GenerationError, match="the default factory `made_by_hand` has no source"):
        source_of(model)


def test_a_secret_default_is_not_written() -> None:
    model = create_model("Login", __module__="shop", password=(zoo.SecretStr, zoo.SecretStr("hunter2")))
    with pytest.raises(GenerationError, match="a secret has no source"):
        source_of(model)

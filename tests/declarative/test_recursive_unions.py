"""Unions whose members contain them: validated in proportion to the value, or rejected when the route is made.

Work is counted by validators that run where a value has its leaves.
"""

import dataclasses
import json
from collections.abc import Callable
from typing import Annotated, Any, Generic, Literal, TypeVar

import pytest
from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, model_validator
from typing_extensions import TypeAliasType, TypedDict

from signette.app import App
from signette.declarative.adapters.validators import adapter_of, check_json, exponential_union
from signette.declarative.errors.base import SignatureError
from tests.asgi import JSON, fetch
from tests.declarative.building import app_of

T = TypeVar("T")
looks: list[int] = []


def look(value: int) -> int:
    looks.append(value)
    return value


Leaf = Annotated[int, AfterValidator(look)]


class And(BaseModel):
    op: Literal["and"]
    args: list["And | Or | Not | Leaf"]


class Or(BaseModel):
    op: Literal["or", "any"]
    args: list["And | Or | Not | Leaf"]


class Not(BaseModel):
    op: Literal["not"]
    args: list["And | Or | Not | Leaf"]


class Plus(TypedDict):
    kind: Literal[1]
    of: "dict[str, Plus | Minus | int]"
    leaf: "Leaf | None"


class Minus(TypedDict):
    kind: Literal[2]
    of: "dict[str, Plus | Minus | int]"
    leaf: "Leaf | None"


@dataclasses.dataclass
class First:
    kind: Literal["first"]
    next: "First | Second | None" = None
    leaf: Leaf = 0


@dataclasses.dataclass
class Second:
    kind: Literal["second"]
    next: "First | Second | None" = None
    leaf: Leaf = 0


class Some(BaseModel, Generic[T]):
    kind: Literal["some"]
    next: "Some[T] | More[T] | None" = None
    leaf: T


class More(BaseModel, Generic[T]):
    kind: Literal["more"]
    next: "Some[T] | More[T] | None" = None
    leaf: T


class Spelled(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    kind: Literal["spelled"] = Field(alias="$kind")
    next: "Spelled | Written | None" = None
    leaf: Leaf = 0


class Written(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    kind: Literal["written"] = Field(alias="$kind")
    next: "Spelled | Written | None" = None
    leaf: Leaf = 0


class Up(BaseModel):
    way: Literal["up"]
    between: "Between"


class Down(BaseModel):
    way: Literal["down"]
    between: "Between"


class Between(BaseModel):
    ways: "dict[str, tuple[Up | Down, ...]]" = {}
    leaf: Leaf = 0


Term = TypeAliasType("Term", "Sum | Product | int")


class Sum(BaseModel):
    sum: Literal[True, "sum"]
    terms: list[Term]


class Product(BaseModel):
    of: Literal["product"]
    terms: list[Term]


class AllOf(BaseModel):
    all_of: "list[AllOf | AnyOf | Leaf]"


class AnyOf(BaseModel):
    any_of: "list[AllOf | AnyOf | Leaf]"


class Tree(BaseModel):
    left: "Tree | Leaf | None" = None
    right: "dict[str, Tree] | Leaf | None" = None


Anything = TypeAliasType("Anything", "dict[str, Anything] | list[Anything] | Leaf | None")

for each in (And, Or, Not, Some, More, Spelled, Written, Up, Down, Between, Sum, Product, AllOf, AnyOf, Tree):
    each.model_rebuild()


def op(inner: Any) -> Any:
    return {"op": "not", "args": [inner]}


def plus(inner: Any) -> Any:
    return {"kind": 1, "of": {"a": inner}, "leaf": None}


def of_kind(kind: str, key: str = "kind") -> Callable[[Any], Any]:
    return lambda inner: {key: kind, "next": inner}


LINEAR: dict[str, tuple[Any, Callable[[Any], Any], Any]] = {
    "models": (And | Or | Not, op, {"op": "and", "args": [1]}),
    "models in a list, or none": (list[And | Or | Not] | None, lambda inner: [op(inner)], {"op": "any", "args": [1]}),
    "TypedDicts": (Plus | Minus, plus, {"kind": 2, "of": {}, "leaf": 1}),
    "dataclasses": (First | Second, of_kind("first"), {"kind": "second", "leaf": 1}),
    "generic models": (Some[Leaf] | More[Leaf], lambda inner: {"kind": "some", "next": inner, "leaf": 1}, None),
    "an alias": (Spelled | Written, of_kind("spelled", "$kind"), {"$kind": "written", "leaf": 1}),
    "through another model": (
        Between,
        lambda inner: {"ways": {"a": [{"way": "up", "between": inner}]}},
        {"leaf": 1},
    ),
    "members with different keys": (AllOf | AnyOf, lambda inner: {"any_of": [inner]}, {"all_of": [1]}),
    "one model and numbers": (Tree, lambda inner: {"left": inner}, {"right": 1}),
    "one model in a dictionary": (Tree, lambda inner: {"right": {"a": inner}}, {"right": 1}),
    "objects and arrays": (Anything, lambda inner: {"a": [inner]}, 1),
}


def nested(wrap: Callable[[Any], Any], depth: int, inmost: Any) -> bytes:
    for _ in range(depth):
        inmost = wrap(inmost)
    return json.dumps(inmost[0] if isinstance(inmost, list) and depth == 0 else inmost).encode()


def looks_for(kind: Any, text: bytes) -> int:
    looks.clear()
    check_json(kind)(text)
    return len(looks)


@pytest.mark.parametrize("name", sorted(LINEAR.keys() - {"models in a list, or none"}))
def test_each_level_adds_the_same_work(name: str) -> None:
    kind, wrap, inmost = LINEAR[name]
    assert exponential_union(kind) == []
    few, more, most = (looks_for(kind, nested(wrap, depth, inmost)) for depth in (3, 6, 12))
    assert 0 < few <= more <= most <= 2 * 12 + 1
    assert most - more <= 2 * (more - few)


@pytest.mark.parametrize("name", sorted(LINEAR.keys() - {"models in a list, or none"}))
def test_the_result_is_the_one_without_a_discriminator(name: str) -> None:
    kind, wrap, inmost = LINEAR[name]
    text = nested(wrap, 4, inmost)
    assert check_json(kind)(text) == adapter_of(kind).validate_json(text)


async def test_a_list_of_them_is_read_at_any_depth() -> None:
    async def search(filters: list[And | Or | Not] | None) -> int:
        return len(filters or [])

    text = b"[" + nested(op, 40, {"op": "any", "args": [1]}) + b"]"
    looks.clear()
    response = await fetch(app_of(search, method="POST"), "POST /", text, JSON)
    assert (response.status, response.body, len(looks)) == (200, b"1", 1)


async def test_a_wrong_tag_is_one_error_that_names_the_tags() -> None:
    async def search(wanted: And | Or | Not) -> int:
        return 1

    app = app_of(search, method="POST")
    response = await fetch(app, "POST /", nested(op, 30, {"op": "xor", "args": []}), JSON)
    tags = [each for each in response.json["errors"] if each["code"] == "union_tag_invalid"]
    assert [each["pointer"] for each in tags] == ["/args/0" * 30]
    assert "'and', 'any', 'or', 'not'" in tags[0]["message"]
    assert "xor" not in response.body.decode()
    response = await fetch(app, "POST /", nested(op, 2, {"op": "and", "args": [1, "x"]}), JSON)
    assert ("body", "/args/0/args/0/args/1", "int_parsing") in response.errors


def test_the_document_lists_the_members_of_the_union() -> None:
    async def search(wanted: And | Or | Not) -> int:
        return 1

    schema = app_of(search, method="POST").openapi()["paths"]["/"]["post"]["requestBody"]["content"]["application/json"]
    assert [each["$ref"].rpartition("/")[2] for each in schema["schema"]["anyOf"]] == ["And", "Or", "Not"]


# -- what nothing distinguishes ----------------------------------------------------------------------------------------


class Branch(BaseModel):
    child: "Branch | Twig | None" = None


class Twig(BaseModel):
    child: "Branch | Twig | None" = None
    size: int = 0


class Default(BaseModel):
    """A body may leave the tag out."""

    op: Literal["default"] = "default"
    of: "list[Default | Other]" = []


class Other(BaseModel):
    op: Literal["other"] = "other"
    of: "list[Default | Other]" = []


class Filled(BaseModel):
    """A validator may bring the tag."""

    op: Literal["filled"]
    of: "list[Filled | Given]" = []

    @model_validator(mode="before")
    @classmethod
    def fill(cls, value: Any) -> Any:
        return {"op": "filled"} | value


class Given(BaseModel):
    op: Literal["given"]
    of: "list[Filled | Given]" = []


class Same(BaseModel):
    op: Literal["one", "two"]
    of: "list[Same | Shared]" = []


class Shared(BaseModel):
    op: Literal["two", "three"]
    of: "list[Same | Shared]" = []


class Alias(BaseModel):
    op: Literal["a"] = Field(validation_alias=AliasChoices("op", "operator"))
    of: "list[Alias | Plain]" = []


class Plain(BaseModel):
    op: Literal["b"]
    of: "list[Alias | Plain]" = []


class Chain(BaseModel):
    """Not its members twice, but every second level: exponential all the same."""

    next: "Chain | dict[str, Chain] | None" = None


class One(BaseModel):
    middle: "Middle"


class Two(BaseModel):
    middle: "Middle"


class Middle(BaseModel):
    deep: "dict[str, list[One | Two]]" = {}


class Wide(BaseModel):
    """The unions are not the same one."""

    next: "Wide | Wider | None" = None


class Wider(BaseModel):
    next: "Wide | Wider | int | None" = None


Sequence = TypeAliasType("Sequence", "list[Sequence] | tuple[Sequence, ...] | int")

for each in (
    Branch,
    Twig,
    Default,
    Other,
    Filled,
    Given,
    Same,
    Shared,
    Alias,
    Plain,
    Chain,
    One,
    Two,
    Middle,
    Wide,
    Wider,
):
    each.model_rebuild()

EXPONENTIAL = {
    "models": (Branch, ["Branch", "Twig"]),
    "in a list": (list[Branch | None], ["Branch", "Twig"]),
    "in a dictionary": (dict[str, Twig], ["Branch", "Twig"]),
    "a tag with a default": (Default, ["Default", "Other"]),
    "a tag that a validator brings": (Filled, ["Filled", "Given"]),
    "a tag of both": (Same, ["Same", "Shared"]),
    "a tag of two names": (Alias, ["Alias", "Plain"]),
    "a model or a dictionary of it": (Chain, ["Chain", "dict"]),
    "through another model": (Middle, ["One", "Two"]),
    "different unions": (Wider, ["Wide", "Wider"]),
}


@pytest.mark.parametrize("name", EXPONENTIAL)
def test_an_ambiguous_union_is_rejected(name: str) -> None:
    kind, members = EXPONENTIAL[name]

    async def grow(tree: Any) -> None: ...

    grow.__annotations__["tree"] = kind
    with pytest.raises(SignatureError) as rejected:
        App().post("/")(grow)
    assert f"`{' | '.join(members)}" in str(rejected.value)
    assert "Field(discriminator=" in rejected.value.hint


def test_members_that_are_both_arrays_are_ambiguous_too() -> None:
    assert exponential_union(Sequence) == ["list", "tuple", "int"]


def test_a_union_with_exponential_validation_time_is_rejected() -> None:
    """That the rule is about what pydantic does: the work is counted with its own validator."""

    class Near(BaseModel):
        child: "Near | Far | None" = None
        leaf: Leaf | None = None

    class Far(BaseModel):
        child: "Near | Far | None" = None
        leaf: Leaf | None = None

    Near.model_rebuild(_types_namespace={"Near": Near, "Far": Far, "Leaf": Leaf})

    def work(depth: int) -> int:
        looks.clear()
        adapter_of(Near).validate_json(nested(lambda inner: {"child": inner}, depth, {"leaf": 1}))
        return len(looks)

    assert exponential_union(Near) == ["Near", "Far"]
    assert [work(depth) for depth in (1, 2, 3, 8)] == [2, 4, 8, 256]


def test_an_inner_discriminator_makes_it_valid() -> None:
    class Leafy(BaseModel):
        kind: Literal["leafy"] = "leafy"
        child: "Annotated[Leafy | Bare, Field(discriminator='kind')] | None" = None

    class Bare(BaseModel):
        kind: Literal["bare"] = "bare"
        child: "Annotated[Leafy | Bare, Field(discriminator='kind')] | None" = None

    names = {"Leafy": Leafy, "Bare": Bare, "Annotated": Annotated, "Field": Field}
    Leafy.model_rebuild(_types_namespace=names)
    Bare.model_rebuild(_types_namespace=names)

    async def grow(tree: Annotated[Leafy | Bare, Field(discriminator="kind")]) -> None: ...

    App().post("/")(grow)
    assert exponential_union(Annotated[Leafy | Bare, Field(discriminator="kind")]) == []

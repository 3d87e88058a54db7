"""What a wrong value costs: a few errors, however many parts of it are wrong. Counted, not timed."""

import dataclasses
import json
from collections.abc import Callable
from typing import Annotated, Any, Generic, Required, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Json, ValidationError, WrapValidator, create_model
from typing_extensions import TypedDict

from signette._http.json import loads
from signette.app import App
from signette.declarative.adapters import error_entries
from signette.declarative.adapters.error_entries import body_errors
from signette.declarative.adapters.validators import MOST_READ, adapter_of, check_json, check_text, every_error
from signette.declarative.signature.markers import Body, Form, Query
from tests.asgi import JSON, MULTIPART, URLENCODED, fetch
from tests.declarative.building import app_of, form, part

pytestmark = pytest.mark.thorough

T = TypeVar("T")


class Row(BaseModel):
    a: int
    b: int
    c: int


class Table(BaseModel):
    rows: list[Row]
    totals: dict[str, int] = {}


class Tree(BaseModel):
    name: str
    below: list["Tree"] = []


class Pair(BaseModel):
    """Contains itself with no collection in between."""

    a: int
    b: int
    left: "Pair | None" = None
    right: "Pair | None" = None


class Named(TypedDict):
    rows: list[Row]


@dataclasses.dataclass
class Points:
    points: list[tuple[int, int]]


class Box(BaseModel, Generic[T]):
    content: list[T]


class Late(BaseModel):
    model_config = ConfigDict(defer_build=True)

    rows: list[Row]


Tree.model_rebuild()
Pair.model_rebuild()


def listed(item: str) -> Callable[[int], str]:
    return lambda count: f"[{','.join([item] * count)}]"


def keyed(value: str) -> Callable[[int], str]:
    return lambda count: "{" + ",".join(f'"{number}":{value}' for number in range(count)) + "}"


def pairs(count: int) -> str:
    below = pairs(count // 2) if count > 1 else ""
    return f'{{"left":{below},"right":{below}}}' if below else "{}"


def inside(key: str, made: Callable[[int], str], more: str = "") -> Callable[[int], str]:
    return lambda count: f'{{{more}"{key}":{made(count)}}}'


WRONG: dict[str, tuple[Any, Callable[[int], str]]] = {
    "a list of models": (list[Row], listed("{}")),
    "a list of numbers": (list[int], listed('""')),
    "an optional list": (list[int] | None, listed('""')),
    "a set": (set[int], listed('""')),
    "a frozen set": (frozenset[int], listed('""')),
    "a tuple": (tuple[int, ...], listed('""')),
    "a dictionary": (dict[str, int], keyed('""')),
    "a dictionary of models": (dict[str, Row], keyed("{}")),
    "the keys of a dictionary": (dict[Annotated[int, Query(gt=10**9)], int], keyed("1")),
    "a list of lists": (list[list[int]], listed('["",""]')),
    "a list in a model": (Table, inside("rows", listed("{}"))),
    "a dictionary in a model": (Table, inside("totals", keyed('""'), '"rows":[],')),
    "a list in a TypedDict": (Named, inside("rows", listed("{}"))),
    "a list in a dataclass": (Points, inside("points", listed('["",""]'))),
    "a list in a generic model": (Box[Row], inside("content", listed("{}"))),
    "a list in a model that is built late": (Late, inside("rows", listed("{}"))),
    "a tree": (Tree, inside("below", listed("{}"), '"name":"",')),
    "trees in trees": (list[Tree], listed('{"name":"","below":[{},{}]}')),
    "a model in itself": (Pair, pairs),
    "a union of lists": (list[int] | list[bool] | dict[str, int], listed('"x"')),
    "a list of unions": (list[Row | Pair | int], listed("{}")),
    "JSON in JSON": (dict[str, Json[list[Row]]], lambda count: json.dumps({"a": listed("{}")(count)})),
}


def rejection_handler(kind: Any, text: str) -> ValidationError:
    with pytest.raises(ValidationError) as rejected:
        check_json(kind)(text.encode())
    return rejected.value


@pytest.mark.parametrize("name", WRONG)
def test_a_large_wrong_value_has_few_errors(name: str) -> None:
    kind, made = WRONG[name]
    small, large = (rejection_handler(kind, made(count)) for count in (64, 32 * 1024))
    assert large.error_count() <= small.error_count() < 20
    every = every_error(kind, json=True)
    assert every is not None
    assert every(large, made(32 * 1024).encode()).error_count() < 20


@pytest.mark.parametrize("name", sorted(WRONG.keys() - {"the keys of a dictionary"}))
async def test_a_large_wrong_body_is_a_422_with_a_place(name: str) -> None:
    kind, made = WRONG[name]
    app = App()

    async def add(value: Any) -> str:
        return "read"

    add.__annotations__["value"] = Annotated[kind, Body()]
    app.post("/")(add)
    response = await fetch(app, "POST /", made(32 * 1024).encode(), JSON)
    assert response.status == 422
    assert 0 < len(response.json["errors"]) < 20
    assert {each["in"] for each in response.json["errors"]} == {"body"}
    assert all("pointer" in each for each in response.json["errors"])


@pytest.mark.parametrize("name", sorted(WRONG.keys() - {"a model in itself", "JSON in JSON"}))
def test_a_small_wrong_value_has_all_its_errors(name: str) -> None:
    kind, made = WRONG[name]
    text = made(30).encode()
    every = every_error(kind, json=True)
    assert every is not None
    assert every(rejection_handler(kind, made(30)), text).error_count() >= 30


async def test_a_small_wrong_body_is_reported_in_full_up_to_a_hundred_errors() -> None:
    async def add(rows: list[Row]) -> str:
        return "read"

    app = app_of(add, method="POST")
    wrong = [{"a": 1, "b": "x", "c": 2}] * 40
    response = await fetch(app, "POST /", json.dumps(wrong).encode(), JSON)
    assert response.errors == [("body", f"/{number}/b", "int_parsing") for number in range(40)]
    assert response.json["detail"] == "request validation failed: 40 errors"
    response = await fetch(app, "POST /", json.dumps(wrong * 3).encode(), JSON)
    assert len(response.json["errors"]) == 100


async def test_a_model_of_many_errors_at_once_is_not_listed() -> None:
    class Closed(BaseModel):
        model_config = ConfigDict(extra="forbid")

    async def add(value: Closed) -> str:
        return "read"

    response = await fetch(app_of(add, method="POST"), "POST /", keyed("1")(MOST_READ + 1).encode(), JSON)
    assert response.status == 422
    assert [(each["pointer"], each["code"]) for each in response.json["errors"]] == [("", "too_many_errors")]


async def test_texts_of_a_query_and_a_form_have_few_errors_too() -> None:
    class Filter(BaseModel):
        name: str
        ids: list[int]
        rows: Json[list[Row]] = []

    async def by_query(ids: Annotated[list[int], Query()]) -> str:
        return "read"

    async def by_form(wanted: Annotated[Filter, Form()]) -> str:
        return "read"

    response = await fetch(app_of(by_query), "GET /?" + "&".join(["ids=x"] * 900))
    assert len(response.json["errors"]) == 100
    body = "&".join(["ids=x"] * 3 + [f"rows={listed('{}')(100_000)}"])
    response = await fetch(app_of(by_form, method="POST"), "POST /", body.encode(), URLENCODED)
    assert [each["name"] for each in response.json["errors"]] == ["name", "ids", "rows", "rows", "rows"]


@pytest.mark.parametrize("kind", [list[int], set[int], dict[str, int], Table])
def test_what_is_read_from_texts_ends_at_its_first_wrong_item(kind: Any) -> None:
    wrong: Any = ["x"] * 5000
    value = (
        {"rows": wrong, "totals": {}} if kind is Table else dict(enumerate(wrong)) if kind == dict[str, int] else wrong
    )
    with pytest.raises(ValidationError) as rejected:
        check_text(kind)(value)
    assert rejected.value.error_count() < 3


async def test_a_part_of_a_form_has_few_errors_too() -> None:
    async def add(rows: list[Row], name: Annotated[str, Form()]) -> str:
        return "read"

    body = form(part("rows", listed("{}")(100_000)), part("name", "n"))
    response = await fetch(app_of(add, method="POST"), "POST /", body, MULTIPART)
    assert response.errors == [("form", "rows", "missing")] * 3
    assert [each["pointer"] for each in response.json["errors"]] == ["/0/a", "/0/b", "/0/c"]


@pytest.mark.parametrize("wrong", [1, 10, 90])
async def test_a_body_is_parsed_once_for_all_its_errors(wrong: int, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []

    def counting(text: bytes) -> Any:
        parsed.append(text)
        return loads(text)

    monkeypatch.setattr(error_entries, "loads", counting)

    async def add(rows: list[Row]) -> str:
        return "read"

    response = await fetch(app_of(add, method="POST"), "POST /", json.dumps([{"a": 1, "b": 2}] * wrong).encode(), JSON)
    assert len(response.json["errors"]) == wrong
    assert len(parsed) == 1


class Cat(BaseModel):
    name: str
    lives: int = 9


class Dog(BaseModel):
    name: str
    tail: bool = True


async def test_members_of_a_union_report_a_fault_once() -> None:
    async def add(pet: Cat | Dog) -> str:
        return "read"

    async def add_all(pets: list[Cat | Dog | None]) -> str:
        return "read"

    response = await fetch(app_of(add, method="POST"), "POST /", b"{}", JSON)
    assert response.errors == [("body", "/name", "missing")]
    assert response.json["detail"] == "request validation failed: 1 error"
    response = await fetch(app_of(add_all, method="POST"), "POST /", b'[{}, {"name": 1}]', JSON)
    assert response.errors == [("body", "/0/name", "missing"), ("body", "/1/name", "string_type")]
    assert response.json["detail"] == "request validation failed: 2 errors"


async def test_each_error_of_a_value_counts() -> None:
    async def add(size: Annotated[int | bool, Body()]) -> str:
        return "read"

    response = await fetch(app_of(add, method="POST"), "POST /", b'"x"', JSON)
    assert response.errors == [("body", "", "int_parsing"), ("body", "", "bool_parsing")]
    assert response.json["detail"] == "request validation failed: 2 errors"


class Link(BaseModel):
    """Each level lacks three fields, and holds all that is inside of it."""

    a: int
    b: int
    c: int
    next: "Link | int | None" = None
    more: list[Any] = []


Link.model_rebuild()
Wide = create_model("Wide", **{f"field_{number}": (int, ...) for number in range(60)})


class Lenient(BaseModel):
    """Takes a wrong part for none, so that what fails inside does not settle it."""

    part: Annotated[Row | None, WrapValidator(lambda value, handler: _or_none(handler, value))] = None
    either: Row | Tree | None = None


def _or_none(handler: Callable[[Any], Any], value: Any) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


def test_a_missing_field_ends_validation_without_a_copy_of_the_body() -> None:
    deep = '{"next":' * 150 + inside("more", listed("1"))(1000) + "}" * 150
    for kind, text in ((Link, deep), (Wide, inside("more", listed("1"))(1000))):
        rejected = rejection_handler(kind, text)
        assert (rejected.error_count(), rejected.errors()[0]["input"]) == (1, None)


async def test_the_missing_fields_of_a_large_body_are_reported_with_their_places() -> None:
    async def add(value: Link) -> str:
        return "read"

    app = app_of(add, method="POST")
    deep = '{"a":1,"b":2,"next":' * 150 + inside("more", listed("1"))(50_000) + "}" * 150
    response = await fetch(app, "POST /", deep.encode(), JSON)
    assert ("body", "/c", "missing") in response.errors
    response = await fetch(app, "POST /", b'{"a":1,"next":{"b":1}}', JSON)
    assert {place for _, place, _ in response.errors} >= {"/b", "/c", "/next/a", "/next/c"}


def test_what_a_validator_or_another_member_takes_does_not_end_validation() -> None:
    assert check_json(Lenient)(b'{"part": {}, "either": {"name": "tree"}}') == Lenient(
        part=None, either=Tree(name="tree")
    )


@dataclasses.dataclass
class Counted:
    rows: list[int]
    count: int = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self.count = len(self.rows)


class Partial(TypedDict, total=False):
    rows: list[int]
    name: Required[str]


def test_unsent_optional_fields_are_not_missing() -> None:
    assert check_json(Counted)(b'{"rows": [1, 2]}').count == 2
    assert check_json(list[Partial])(b'[{"name": "x"}]') == [{"name": "x"}]
    assert rejection_handler(Partial, "{}").error_count() == 1


SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "1"])
KEYS = st.sampled_from(
    ["a", "b", "c", "rows", "totals", "name", "below", "left", "right", "content", "points", "part", "either", "next"]
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=25
)


@given(st.sampled_from([*(kind for kind, _ in WRONG.values()), Link, Lenient, list[Lenient | Row]]), VALUES)
def test_a_value_is_accepted_or_not_as_pydantic_does(kind: Any, value: Any) -> None:
    text = json.dumps(value).encode()
    try:
        expected = adapter_of(kind).validate_json(text)
    except ValidationError:
        rejected = rejection_handler(kind, text.decode())
        assert body_errors(rejected, text)
    else:
        assert check_json(kind)(text) == expected

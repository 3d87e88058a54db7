"""Each kind of type in each place that it may be read from: the value that was sent, a 422, or a SignatureError."""

import enum
import json
import pathlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import pytest
from pydantic import (
    BaseModel,
    DirectoryPath,
    Field,
    FilePath,
    ImportString,
    InstanceOf,
    Json,
    NewPath,
    RootModel,
    create_model,
)

from signette.app import App
from signette.declarative.adapters.validators import ValidationError, check_json, check_text
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.markers import Body, Cookie, Form, Header, Path, Query
from tests.asgi import JSON, URLENCODED, Exchange, fetch

pytestmark = pytest.mark.either_loop


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Mixed(enum.Enum):
    ONE = 1
    TWO = "two"
    HALF = 0.5


class Plain(enum.Enum):
    LOW = 1


class Level(enum.IntEnum):
    LOW = 1


class Number(RootModel[int]): ...


class Numbers(RootModel[list[int]]): ...


class Small(RootModel[Annotated[int, Field(le=3)]]): ...


class Pair(BaseModel):
    a: int
    b: Literal[1, 2] = 1


class PairRoot(RootModel[Pair]): ...


REJECTED = 422
PLACES = ("query", "header", "cookie", "path", "form")
SPREAD = ("query model", "header model", "cookie model", "form model")


@dataclass(frozen=True)
class Case:
    """An annotation, and what comes of texts that are sent for it: one text or several, and a value or REJECTED."""

    annotation: Any
    sent: Mapping[str | tuple[str, ...], Any]


ONE_TEXT = {
    "literal number": Case(Literal[1, 2], {"1": 1, "2": 2, "3": REJECTED, "01": REJECTED, "1.0": REJECTED}),
    "literal boolean": Case(Literal[True], {"true": True, "1": REJECTED, "false": REJECTED}),
    "literal of both": Case(Literal[1, True], {"1": 1, "true": True}),
    "literal enum member": Case(Literal[Color.RED], {"red": Color.RED, "blue": REJECTED}),
    "literal bytes": Case(Literal[b"x"], {"x": b"x", "y": REJECTED}),
    "literal number and text": Case(Literal[1, "1"], {"1": "1"}),
    "literal number and word": Case(Literal[1, "auto"], {"1": 1, "auto": "auto"}),
    "optional literal": Case(Literal[1] | None, {"1": 1, "2": REJECTED}),
    "literals in a union": Case(Literal[1] | Literal["a"], {"1": 1, "a": "a", "b": REJECTED}),  # noqa: PYI030 - the case
    "literal or text": Case(Literal[1] | str, {"1": "1"}),
    "enum": Case(Color, {"red": Color.RED, "green": REJECTED}),
    "mixed enum": Case(Mixed, {"1": Mixed.ONE, "two": Mixed.TWO, "0.5": Mixed.HALF, "3": REJECTED}),
    "enum of numbers": Case(Plain, {"1": Plain.LOW, "2": REJECTED}),
    "int enum": Case(Level, {"1": Level.LOW, "2": REJECTED}),
    "optional mixed enum": Case(Mixed | None, {"1": Mixed.ONE, "x": REJECTED}),
    "root of a number": Case(Number, {"5": Number(5), "x": REJECTED}),
    "optional root": Case(Number | None, {"5": Number(5), "x": REJECTED}),
    "root with a bound": Case(Small, {"3": Small(3), "4": REJECTED}),
    "root of a literal": Case(RootModel[Literal[1]], {"1": RootModel[Literal[1]](1)}),
    "root of JSON": Case(RootModel[Json[list[int]]], {"[1]": RootModel[Json[list[int]]]("[1]")}),
    "JSON": Case(Json[list[int]], {"[1,2]": [1, 2], "[x]": REJECTED, "{": REJECTED}),
    "JSON of a number": Case(Json[int], {"1": 1, "{": REJECTED}),
}  # fmt: skip
MANY_TEXTS = {
    "list of literals": Case(list[Literal[1]], {("1",): [1], ("1", "2"): REJECTED}),
    "list of mixed enums": Case(list[Mixed], {("1", "two"): [Mixed.ONE, Mixed.TWO]}),
    "set of enum members": Case(set[Literal[Color.RED]], {("red",): {Color.RED}}),
    "root of a list": Case(Numbers, {("1",): Numbers([1]), ("1", "2"): Numbers([1, 2]), ("x",): REJECTED}),
    "optional root of a list": Case(Numbers | None, {("1", "2"): Numbers([1, 2])}),
    "list of roots": Case(list[Number], {("1", "2"): [Number(1), Number(2)]}),
    "list of JSON": Case(list[Json[list[int]]], {("[1]", "[2]"): [[1], [2]], ("{",): REJECTED}),
}
CASES = ONE_TEXT | MANY_TEXTS
MARKERS: dict[str, Callable[[], Any]] = {
    "query": Query, "header": Header, "cookie": Cookie, "path": Path, "form": Form,
}  # fmt: skip


def app_of(place: str, annotation: Any, default: Any = ...) -> tuple[App, list[Any]]:
    """An application that reads the type at the place, directly or as the field of a spread model."""
    app, seen = App(), []
    word, _, spread = place.partition(" ")
    if spread:
        model = create_model("Spread", v=(annotation, default))

        async def endpoint(item: Any) -> None:
            seen.append(item.v)

        endpoint.__annotations__["item"] = Annotated[model, MARKERS[word]()]
    else:

        async def endpoint(v: Any) -> None:
            seen.append(v)

        endpoint.__annotations__["v"] = Annotated[annotation, MARKERS[word]()]
        endpoint.__defaults__ = None if default is ... else (default,)
    app.add_api_route("/{v}" if word == "path" else "/", endpoint, ["POST"])
    return app, seen


async def send(app: App, place: str, texts: Sequence[str]) -> Exchange:
    word = place.partition(" ")[0]
    if word == "path":
        return await fetch(app, f"POST /{texts[0]}")
    if word == "query":
        return await fetch(app, f"POST /?{urlencode([('v', each) for each in texts])}")
    if word == "header":
        return await fetch(app, "POST /", headers=[("v", each) for each in texts])
    if word == "cookie":
        return await fetch(app, "POST /", headers={"cookie": f"v={texts[0]}"})
    return await fetch(app, "POST /", urlencode([("v", each) for each in texts]).encode(), URLENCODED)


ALL = [(name, place) for name in CASES for place in (*PLACES, *SPREAD)]
HOLDS_ONE = [(name, place) for name, place in ALL if name in MANY_TEXTS and place in ("path", "cookie", "cookie model")]


@pytest.mark.parametrize(("name", "place"), HOLDS_ONE)
def test_a_place_that_holds_one_text_rejects_what_takes_several(name: str, place: str) -> None:
    with pytest.raises(SignatureError):
        app_of(place, CASES[name].annotation)


@pytest.mark.parametrize(("name", "place"), [each for each in ALL if each not in HOLDS_ONE])
async def test_a_type_is_read_in_each_place(name: str, place: str) -> None:
    case = CASES[name]
    app, seen = app_of(place, case.annotation)
    for sent, expected in case.sent.items():
        seen.clear()
        response = await send(app, place, (sent,) if isinstance(sent, str) else sent)
        if expected is REJECTED:
            assert (response.status, seen) == (422, []), sent
            assert response.json["errors"][0]["name"] == "v"
        else:
            assert (response.status, [(type(each), each) for each in seen]) == (204, [(type(expected), expected)]), sent


@pytest.mark.parametrize("place", ["query", "header", "cookie", "form", "query model", "form model"])
@pytest.mark.parametrize("name", ONE_TEXT)
async def test_what_is_not_sent_is_the_default_and_what_is_sent_never_is(name: str, place: str) -> None:
    case, default = ONE_TEXT[name], object()
    app, seen = app_of(place, case.annotation, default)
    assert (await fetch(app, "POST /")).status == 204
    assert seen == [default]
    response = await send(app, place, (next(iter(case.sent)),))
    assert (response.status, len(seen)) == (204, 2)
    assert seen[1] is not default


@pytest.mark.parametrize("name", ONE_TEXT)
def test_the_document_lists_what_can_be_sent(name: str) -> None:
    case = ONE_TEXT[name]
    app, _ = app_of("query", case.annotation)
    schema = app.openapi()["paths"]["/"]["post"]["parameters"][0]["schema"]
    ref = schema.get("$ref", "").rpartition("/")[2]
    schema = app.openapi()["components"]["schemas"][ref] if ref else schema
    listed = [schema["const"]] if "const" in schema else schema.get("enum", [])
    texts = [each if isinstance(each, str) else json.dumps(each) for each in listed]
    check = check_text(case.annotation)
    assert all(check(each) is not None for each in texts)


# -- models as roots ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["query", "header", "cookie", "form"])
async def test_a_root_that_is_a_model_is_spread(place: str) -> None:
    app, seen = App(), []

    async def endpoint(item: Any) -> None:
        seen.append(item)

    endpoint.__annotations__["item"] = Annotated[PairRoot, MARKERS[place]()]
    app.add_api_route("/", endpoint, ["POST"])
    texts = {"a": "1", "b": "2"}
    requested = {
        "query": ("POST /?a=1&b=2", b"", {}),
        "header": ("POST /", b"", texts),
        "cookie": ("POST /", b"", {"cookie": "a=1; b=2"}),
        "form": ("POST /", b"a=1&b=2", URLENCODED),
    }[place]
    assert (await fetch(app, *requested)).status == 204
    assert seen == [PairRoot(Pair(a=1, b=2))]
    rejected = await fetch(app, "POST /", b"", URLENCODED if place == "form" else {})
    assert rejected.errors == [(place, "a", "missing")]
    document = app.openapi()
    if place != "form":
        assert [each["name"] for each in document["paths"]["/"]["post"]["parameters"]] == ["a", "b"]


@pytest.mark.parametrize("place", ["form", "query model", "form model"])
async def test_a_root_with_its_own_names_is_read_by_brackets(place: str) -> None:
    app, seen = app_of(place, RootModel[dict[str, int]])
    form = place.startswith("form")
    response = await fetch(
        app, "POST /" if form else "POST /?v[a]=1", b"v[a]=1" if form else b"", URLENCODED if form else {}
    )
    assert (response.status, seen) == (204, [RootModel[dict[str, int]]({"a": 1})])


@pytest.mark.parametrize("place", ["query", "header", "cookie", "path", "header model", "cookie model"])
def test_where_there_are_no_brackets_it_is_rejected(place: str) -> None:
    with pytest.raises(SignatureError):
        app_of(place, RootModel[dict[str, int]])


# -- JSON --------------------------------------------------------------------------------------------------------------

IN_JSON = {
    "literal enum member": (Literal[Color.RED], {'"red"': Color.RED, '"blue"': REJECTED}),
    "literal bytes": (Literal[b"x"], {'"x"': b"x", '"y"': REJECTED}),
    "optional literal": (Literal[Color.RED] | None, {'"red"': Color.RED, "null": None, "1": REJECTED}),
    "literals in a list": (list[Literal[Color.RED]], {'["red"]': [Color.RED]}),
    "mixed enum": (Mixed, {"1": Mixed.ONE, '"two"': Mixed.TWO, '"1"': REJECTED}),
    "keys of numbers": (dict[Literal[1], int], {'{"1": 2}': {1: 2}, '{"2": 2}': REJECTED}),
    "keys of mixed members": (dict[Mixed, int], {'{"1": 2}': {Mixed.ONE: 2}}),
    "keys of members": (dict[Literal[Color.RED], int], {'{"red": 2}': {Color.RED: 2}}),
    "keys of an int enum": (dict[Level, int], {'{"1": 2}': {Level.LOW: 2}}),
    "text of JSON": (Json[int], {'"1"': 1, '"{"': REJECTED, "1": REJECTED}),
    "root": (Numbers, {"[1]": Numbers([1]), "1": REJECTED}),
}


@pytest.mark.parametrize("way", ["whole", "member", "field", "in a list"])
@pytest.mark.parametrize("name", IN_JSON)
async def test_a_type_is_read_from_json(name: str, way: str) -> None:
    annotation, sent = IN_JSON[name]
    app, seen = App(), []
    field = create_model("Holder", v=(annotation, ...))

    async def endpoint(v: Any) -> None:
        seen.append({"field": lambda: v.v, "in a list": lambda: v[0].v}.get(way, lambda: v)())

    endpoint.__annotations__["v"] = {
        "whole": Annotated[annotation, Body()],
        "member": Annotated[annotation, Body(embed=True)],
        "field": field,
        "in a list": list[field],  # type: ignore[valid-type]
    }[way]
    app.add_api_route("/", endpoint, ["POST"])
    wrap = {"whole": "%s", "member": '{"v": %s}', "field": '{"v": %s}', "in a list": '[{"v": %s}]'}[way]
    for text, expected in sent.items():
        seen.clear()
        response = await fetch(app, "POST /", (wrap % text).encode(), JSON)
        wanted = (422, []) if expected is REJECTED else (204, [expected])
        assert (response.status, seen) == wanted, text


async def test_tags_that_are_members_of_an_enum_are_read_from_json() -> None:
    one = create_model("One", kind=(Literal[Color.RED], ...))
    two = create_model("Two", kind=(Literal[Color.BLUE], ...))
    app, seen = App(), []

    async def endpoint(v: Any) -> None:
        seen.append(v)

    endpoint.__annotations__["v"] = Annotated[one | two, Body(discriminator="kind")]
    app.add_api_route("/", endpoint, ["POST"])
    assert (await fetch(app, "POST /", b'{"kind": "blue"}', JSON)).status == 204
    assert seen == [two(kind=Color.BLUE)]
    rejected = await fetch(app, "POST /", b'{"kind": "green"}', JSON)
    assert rejected.json["errors"][0]["message"].endswith("any of the expected tags: 'red', 'blue'")


async def test_a_literal_names_what_can_be_sent() -> None:
    app, _ = app_of("query", Literal[Color.RED, 1, True])
    rejected = await fetch(app, "POST /?v=x")
    assert rejected.json["errors"][0]["message"] == "Input should be 'red', 1 or true"


# -- what can never be sent --------------------------------------------------------------------------------------------


class Thing:
    pass


class Holder(BaseModel, arbitrary_types_allowed=True):
    thing: Thing


class Optional(BaseModel, arbitrary_types_allowed=True):
    thing: Thing | None = None


NEVER = {
    "a function": Callable[[], int],
    "an optional function": Callable[[], int] | None,
    "a class": type[int],
    "an instance": InstanceOf[Thing],
    "a model with an instance": Holder,
    "nothing": type(None),
}


@pytest.mark.parametrize("place", [*PLACES, *SPREAD])
@pytest.mark.parametrize("name", NEVER)
def test_what_can_never_be_sent_is_rejected_when_the_route_is_created(name: str, place: str) -> None:
    with pytest.raises(SignatureError):
        app_of(place, NEVER[name])


@pytest.mark.parametrize("name", ["a function", "a class", "an instance", "a model with an instance"])
def test_so_is_what_json_has_no_value_for(name: str) -> None:
    app = App()

    async def endpoint(v: Any) -> None: ...

    endpoint.__annotations__["v"] = Annotated[NEVER[name], Body()]
    with pytest.raises(SignatureError, match="a client cannot send"):
        app.add_api_route("/", endpoint, ["POST"])


async def test_a_field_with_a_default_need_not_be_sendable() -> None:
    app, seen = App(), []

    @app.post("/")
    async def endpoint(item: Optional) -> None:
        seen.append(item)

    assert (await fetch(app, "POST /", b"{}", JSON)).status == 204
    assert seen == [Optional()]


# -- types that ask the system, or import ------------------------------------------------------------------------------


class Files(BaseModel):
    path: FilePath
    kept: Annotated[pathlib.Path, Field()] = pathlib.Path()


@pytest.mark.parametrize("annotation", [FilePath, DirectoryPath, NewPath, FilePath | None], ids=repr)
def test_a_path_that_the_system_has_an_error_for_is_not_valid(annotation: Any) -> None:
    with pytest.raises(ValidationError):
        check_text(annotation)("x" * 300)


def test_neither_is_one_in_json() -> None:
    with pytest.raises(ValidationError) as raised:
        check_json(list[Files])(json.dumps([{"path": "x" * 300}]).encode())
    assert [(each["type"], each["loc"]) for each in raised.value.errors()] == [("path_type", (0, "path"))]


class Importing(BaseModel):
    thing: ImportString[Any] = None


@pytest.mark.parametrize("place", [*PLACES, *SPREAD])
def test_what_is_imported_by_its_name_is_never_read_from_a_request(place: str) -> None:
    with pytest.raises(SignatureError, match="lets clients import"):
        app_of(place, ImportString[Any])


@pytest.mark.parametrize("annotation", [Importing, list[Importing], Importing | int], ids=repr)
def test_neither_is_it_read_from_json(annotation: Any) -> None:
    app = App()

    async def endpoint(v: Any) -> None: ...

    endpoint.__annotations__["v"] = Annotated[annotation, Body()]
    with pytest.raises(SignatureError, match="lets clients import"):
        app.add_api_route("/", endpoint, ["POST"])

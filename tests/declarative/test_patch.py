"""`Patch[User]`: JSON Merge Patch (RFC 7396) of models, dataclasses and TypedDicts."""

import dataclasses
import datetime as dt
import json
from enum import Enum
from typing import Annotated, Any, Generic, Literal, NotRequired, TypeVar
from uuid import UUID, uuid4

import anyio
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    Json,
    PydanticUserError,
    RootModel,
    SecretStr,
    computed_field,
    field_serializer,
    model_validator,
)
from typing_extensions import TypedDict

from signette import App, Body, Depends, Patch, Query, Request
from signette.compat import FastAPIErrors
from signette.declarative.adapters.patch import merge_patch
from signette.declarative.errors.base import SignatureError
from signette.declarative.inspection.plan_json import describe_plan
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.exceptions import RequestValidationError
from tests.asgi import fetch
from tests.declarative.signatures import Sent
from tests.declarative.test_binder_agrees import by_binder, by_oracle
from tests.volume import examples

MERGE = "application/merge-patch+json"
T = TypeVar("T")

# RFC 7396, appendix A: the original, the patch, the result.
TABLE: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("original", "patch", "result"), TABLE)
def test_the_examples_of_the_rfc(original: Any, patch: Any, result: Any) -> None:
    assert merge_patch(Any, original, patch) == result


class Whole(BaseModel):
    """A value of any members."""

    value: dict[str, Any]


OBJECTS = [row for row in TABLE if isinstance(row[0], dict) and isinstance(row[1], dict)]


@pytest.mark.parametrize(("original", "patch", "result"), OBJECTS)
def test_the_examples_of_the_rfc_inside_a_model(original: Any, patch: Any, result: Any) -> None:
    assert applied(Whole(value=original), {"value": patch}) == Whole(value=result)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=examples(100))
@given(JSON_VALUES, JSON_VALUES)
def test_a_patch_is_merged_as_the_rfc_says(value: Any, patch: Any) -> None:
    assert merge_patch(Any, value, patch) == by_the_rfc(value, patch)


def by_the_rfc(target: Any, patch: Any) -> Any:
    """Section 2 of the RFC, line by line."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = by_the_rfc(result.get(name), value)
    return result


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Address(BaseModel):
    street: str
    zip_code: str | None = Field(None, alias="zip")


class User(BaseModel):
    """A user."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    number: UUID = Field(default_factory=uuid4)
    email: str | None = None
    nick: str | None
    born: dt.date | None = None
    color: Color = Color.RED
    tags: list[str] = []
    address: Address | None = None
    places: dict[str, Address] = {}
    password: SecretStr = SecretStr("x")
    hidden: int = Field(0, exclude=True)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def loud(self) -> str:
        return self.name.upper()

    @field_serializer("name")
    def quoted(self, name: str) -> str:
        return f"<{name}>"

    @model_validator(mode="after")
    def is_not_of_the_future(self) -> "User":
        if self.born is not None and self.born.year > 2000 and self.email is None:
            raise ValueError("young users have an email")
        return self


ADA = User.model_validate(
    {
        "name": "Ada",
        "number": "00000000-0000-0000-0000-000000000001",
        "email": "a@b",
        "nick": "al",
        "born": "1815-12-10",
        "tags": ["x", "y"],
        "address": {"street": "s", "zip": "1"},
        "places": {"home": {"street": "t"}},
        "password": "secret",
        "hidden": 3,
    }
)


def app_of(value: Any, **options: Any) -> App:
    """An application whose endpoint patches this value, and shows the result."""
    app = App(**options)
    cls = options.pop("cls", type(value))

    async def change(patch: Any) -> dict[str, str]:
        return {"repr": repr(patch.apply(value))}

    change.__annotations__["patch"] = Patch[cls]
    app.patch("/")(change)
    return app


def applied(value: Any, document: dict[str, Any], annotation: Any = None) -> Any:
    return Patch(annotation or type(value), document).apply(value)


CHANGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"name": "Bob"}, {"name": "Bob"}),
    ({"email": None}, {"email": None}),
    ({"nick": None}, {"nick": None}),
    ({"born": "1900-01-01", "color": "blue"}, {"born": dt.date(1900, 1, 1), "color": Color.BLUE}),
    ({"color": None}, {"color": Color.RED}),
    ({"tags": ["z"]}, {"tags": ["z"]}),
    ({"tags": None}, {"tags": []}),
    ({"address": None}, {"address": None}),
    ({"address": {"zip": None}}, {"address": Address(street="s")}),
    ({"address": {"street": "u"}}, {"address": Address(street="u", zip="1")}),
    ({"places": {"home": None, "work": {"street": "w", "zip": None}}}, {"places": {"work": Address(street="w")}}),
    ({"places": {"home": {"zip": "9"}}}, {"places": {"home": Address(street="t", zip="9")}}),
    ({"password": "new"}, {"password": SecretStr("new")}),
]


@pytest.mark.parametrize(("patch", "changes"), CHANGES)
def test_a_patch_changes_what_it_names_and_nothing_else(patch: dict[str, Any], changes: dict[str, Any]) -> None:
    before = ADA.model_copy(deep=True)
    assert applied(ADA, patch) == ADA.model_copy(update=changes)
    assert before == ADA


def test_unset_is_not_null() -> None:
    patch = Patch[User](User, {"email": None})
    assert "email" in patch.document
    assert "nick" not in patch.document
    assert repr(patch) == "Patch({'email': None})"
    assert patch == Patch(User, {"email": None}) != Patch(User, {})


class Numbered(BaseModel):
    number: int = Field(frozen=True)
    owner: str = Field("", json_schema_extra={"readOnly": True})
    name: str = ""
    inner: "Numbered | None" = None
    more: dict[str, "Numbered"] = {}


NUMBERED = Numbered(number=1, owner="ada", inner=Numbered(number=2), more={"a": Numbered(number=3)})


@pytest.mark.parametrize(
    ("patch", "pointers"),
    [
        ({"number": 2, "name": "b"}, ["/number"]),
        ({"owner": None}, ["/owner"]),
        ({"inner": {"number": 3}, "more": {"a": {"owner": "eve"}}}, ["/inner/number", "/more/a/owner"]),
        ({"number": 1, "owner": "ada", "name": "b"}, []),  # they are sent, and stay as they are
        ({"inner": None, "more": {"a": None, "b": {"number": 4}}}, []),
    ],
)
async def test_frozen_members_are_not_changed(patch: dict[str, Any], pointers: list[str]) -> None:
    response = await fetch(app_of(NUMBERED), "PATCH /", json.dumps(patch).encode(), headers={"content-type": MERGE})
    assert response.status == (422 if pointers else 200), response.text
    if pointers:
        assert response.errors == [("body", each, "frozen_field") for each in pointers]


BAD: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"name": None}, [("/name", "missing")]),
    ({"name": ""}, [("/name", "string_too_short")]),
    ({"nope": 1}, [("/nope", "extra_forbidden")]),
    ({"nope": None}, [("/nope", "extra_forbidden")]),
    ({"name": 1, "tags": ["a", 1]}, [("/name", "string_type"), ("/tags/1", "string_type")]),
    ({"address": {"street": None}}, [("/address/street", "missing")]),
    ({"address": "here"}, [("/address", "model_type")]),
    ({"places": {"new": {"zip": "1"}}}, [("/places/new/street", "missing")]),
    ({"born": "2010-01-01", "email": None}, [("", "value_error")]),
    ({"color": "pink"}, [("/color", "enum")]),
]


@pytest.mark.parametrize(("patch", "errors"), BAD)
async def test_errors_point_into_the_patch(patch: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    response = await fetch(app_of(ADA), "PATCH /", json.dumps(patch).encode(), headers={"content-type": MERGE})
    assert (response.status, response.errors) == (422, [("body", pointer, code) for pointer, code in errors])


MALFORMED = [
    (b"[1]", MERGE, 422),
    (b"null", MERGE, 422),
    (b"", MERGE, 422),
    (b"", None, 422),
    (b"{", MERGE, 400),
    (b'{"name": NaN}', MERGE, 400),
    (b'{"name": 1e999}', MERGE, 400),
    (b'{"name": "\xff"}', MERGE, 400),
    (b"{}", "application/json-patch+json", 415),
    (b"{}", "application/problem+json", 415),
    (b"{}", "text/plain", 415),
    (b"{}", None, 415),
    (b"{" + b" " * 3_000_000 + b"}", MERGE, 413),
    (b'{"tags": ' + b"[" * 100_000, MERGE, 400),
]


@pytest.mark.parametrize(("body", "media_type", "status"), MALFORMED, ids=range(len(MALFORMED)))
async def test_malformed_bodies_have_their_status(body: bytes, media_type: str | None, status: int) -> None:
    headers = {"content-type": media_type} if media_type is not None else {}
    response = await fetch(app_of(ADA), "PATCH /", body, headers=headers)
    assert response.status == status, response.text
    expected = "application/merge-patch+json, application/json" if status == 415 else None
    assert (response["accept-patch"], response["accept-post"]) == (expected, None)


@pytest.mark.parametrize("media_type", [MERGE, "application/json", "Application/Merge-Patch+JSON; charset=utf-8"])
async def test_both_media_types_are_read(media_type: str) -> None:
    response = await fetch(app_of(ADA), "PATCH /", b'{"name": "Bob"}', headers={"content-type": media_type})
    assert response.status == 200
    assert "name='Bob'" in response.json["repr"]


async def test_a_body_needs_no_content_type_where_that_is_switched_off() -> None:
    app = app_of(ADA, strict_content_type=False)
    assert (await fetch(app, "PATCH /", b"{}")).status == 200
    assert (await fetch(app, "PATCH /", b"{}", headers={"content-type": "text/plain"})).status == 415


async def test_a_request_has_the_same_body() -> None:
    app = App()

    @app.patch("/")
    async def change(patch: Patch[User], request: Request) -> list[Any]:
        return [patch.document, (await request.body()).decode()]

    response = await fetch(app, "PATCH /", b'{"name": 1}', headers={"content-type": MERGE})
    assert response.json == [{"name": 1}, '{"name": 1}']
    assert (await fetch(app, "PATCH /", b"{}", headers={"content-type": "text/plain"})).status == 415


async def test_errors_have_the_format_of_the_application() -> None:
    response = await fetch(
        app_of(ADA, errors=FastAPIErrors()), "PATCH /", b'{"tags": [1]}', headers={"content-type": MERGE}
    )
    assert response.status == 422
    assert response.json["detail"][0]["loc"] == ["body", "tags", 0]


@pytest.mark.parametrize("path", ["/users/{user_id}", "/users/{user_id:path}/x"])
async def test_options_lists_the_media_types(path: str) -> None:
    app = App()

    @app.get(path)
    async def read(user_id: str) -> None: ...

    @app.patch(path)
    async def change(user_id: str, patch: Patch[User]) -> None: ...

    @app.patch("/plain")
    async def plain(user: User) -> None: ...

    response = await fetch(app, "OPTIONS /users/3/x" if "path" in path else "OPTIONS /users/3")
    assert (response.status, response["accept-patch"]) == (204, "application/merge-patch+json, application/json")
    assert response["allow"] == "GET, HEAD, OPTIONS, PATCH"
    assert (await fetch(app, "OPTIONS /plain"))["accept-patch"] is None


async def test_options_lists_them_for_a_route_alone() -> None:
    response = await fetch(app_of(ADA), "OPTIONS /")
    assert (response["allow"], response["accept-patch"]) == (
        "OPTIONS, PATCH",
        "application/merge-patch+json, application/json",
    )


# -- other types -------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0
    label: str | None = None


class Line(TypedDict):
    start: Point
    width: NotRequired[int]
    end: NotRequired[Point]
    title: Annotated[str, Field(alias="Title")]


class Aliased(BaseModel):
    model_config = ConfigDict(validate_by_name=True, extra="allow")

    first: str = Field(validation_alias=AliasChoices("one", "eins"))
    inner: RootModel[dict[str, int]] = RootModel({})
    pet: Annotated["Cat | Dog", Field(discriminator="kind")] = Field(default_factory=lambda: Cat(lives=9))


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    tricks: list[str] = []


Aliased.model_rebuild()
LINE: Line = {"start": Point(1, 2), "end": Point(3, 4), "title": "t", "width": 3}
ALIASED = Aliased.model_validate({"one": "a", "inner": {"n": 1}, "more": {"k": 1}})


def as_aliased(**changes: Any) -> Aliased:
    return Aliased.model_validate({"one": "a", "inner": {"n": 1}, "more": {"k": 1}, **changes})


OTHERS: list[tuple[Any, Any, dict[str, Any], Any]] = [
    (Point, Point(1, 2, "a"), {"x": 5, "label": None}, Point(5, 2, None)),
    (Point, Point(1, 2, "a"), {"y": None}, Point(1, 0, "a")),
    (Line, LINE, {"start": {"x": 9}}, {"start": Point(9, 2), "title": "t", "width": 3, "end": Point(3, 4)}),
    (
        Line,
        LINE,
        {"width": None, "end": {"x": 0}, "Title": "u"},
        {"start": Point(1, 2), "title": "u", "end": Point(0, 4)},
    ),
    (Aliased, ALIASED, {"eins": "b"}, as_aliased(one="b")),
    (Aliased, ALIASED, {"first": "b"}, as_aliased(one="b")),
    (Aliased, ALIASED, {"inner": {"n": None, "m": 2}}, as_aliased(inner={"m": 2})),
    (Aliased, ALIASED, {"more": {"l": 2}}, as_aliased(more={"k": 1, "l": 2})),
    (Aliased, ALIASED, {"more": None}, Aliased.model_validate({"one": "a", "inner": {"n": 1}})),
    (Aliased, ALIASED, {"pet": {"lives": 7}}, as_aliased(pet={"kind": "cat", "lives": 7})),
    (Aliased, ALIASED, {"pet": {"kind": "dog", "lives": None}}, as_aliased(pet={"kind": "dog"})),
]


@pytest.mark.parametrize(("annotation", "value", "patch", "result"), OTHERS)
def test_other_types_and_names_are_patched(annotation: Any, value: Any, patch: dict[str, Any], result: Any) -> None:
    plan_of(annotation)
    assert applied(value, patch, annotation) == result


def test_a_value_of_another_type_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="`Patch\\[User\\]` cannot be applied to a `Point`"):
        applied(Point(1), {}, User)


class Admin(User):
    level: int = 1


def test_a_subclass_is_a_type_error_as_its_members_would_be_lost() -> None:
    with pytest.raises(TypeError, match="`Patch\\[User\\]` cannot be applied to a `Admin`"):
        applied(Admin(name="a", nick=None), {}, User)


class Box(BaseModel, Generic[T]):
    item: T
    label: str | None = None


def test_a_generic_model_is_patched() -> None:
    plan_of(Box[int])
    assert applied(Box[int](item=1), {"item": 2}, Box[int]) == Box[int](item=2)
    with pytest.raises(RequestValidationError):
        applied(Box[int](item=1), {"item": "x"}, Box[int])


async def test_a_patch_is_sent_as_it_was_received() -> None:
    app = App()

    @app.patch("/")
    async def echo(patch: Patch[User]) -> Patch[User]:
        return patch

    response = await fetch(app, "PATCH /", b'{"name": null}', headers={"content-type": MERGE})
    assert (response.status, response.json) == (200, {"name": None})


def test_the_errors_of_many_items_are_few() -> None:
    with pytest.raises(RequestValidationError) as raised:
        applied(ADA, {"tags": [1] * 50_000})
    assert len(raised.value.errors()) == 1


# -- start-up errors ---------------------------------------------------------------------------------------------------


def plan_of(annotation: Any, methods: tuple[str, ...] = ("PATCH",), default: Any = ...) -> Any:
    async def change(patch: Any) -> None: ...

    change.__annotations__["patch"] = Patch[annotation]
    if default is not ...:
        change.__defaults__ = (default,)
    return plan_endpoint(Endpoint(change, "/", methods, ()))


class WithPath(BaseModel):
    first: int = Field(validation_alias=AliasPath("items", 0))


class WithJson(BaseModel):
    settings: Json[dict[str, int]]


class WithAmbiguous(BaseModel):
    inner: dict[str, "WithDefault"]


class WithDefault(BaseModel):
    name: str | None = "x"


class WithFactory(BaseModel):
    name: str | None = Field(default_factory=str)


class WithKeys(BaseModel):
    counts: dict[int, str]


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)

    born: dt.date


class StrictField(BaseModel):
    born: Annotated[dt.date, Field(strict=True)]


class StrictText(BaseModel):
    name: Annotated[str, Field(strict=True)]


class Optional(TypedDict):
    name: NotRequired[str | None]


class WithUnion(BaseModel):
    either: Optional | Point


@dataclasses.dataclass
class WithInitVar:
    name: dataclasses.InitVar[str]


WithAmbiguous.model_rebuild()
UNPATCHABLE = {
    WithPath: "WithPath.first", WithJson: "WithJson.settings", WithAmbiguous: "WithDefault.name",
    WithFactory: "WithFactory.name", WithKeys: "WithKeys.counts", Strict: "Strict", StrictField: "StrictField",
    Optional: "Optional.name", WithUnion: "WithUnion.either", WithInitVar: "WithInitVar.name",
}  # fmt: skip


@pytest.mark.parametrize("annotation", UNPATCHABLE)
def test_a_type_that_cannot_be_patched_is_rejected(annotation: Any) -> None:
    with pytest.raises(SignatureError, match=f"because of `{UNPATCHABLE[annotation]}`"):
        plan_of(annotation)


def test_strict_texts_can_be_patched() -> None:
    plan_of(StrictText)
    assert applied(StrictText(name="a"), {"name": "b"}) == StrictText(name="b")


@pytest.mark.parametrize("annotation", [int, list[User], User | None, Cat | Dog, RootModel[dict[str, int]], Any])
def test_what_has_no_members_of_its_own_is_rejected(annotation: Any) -> None:
    with pytest.raises(SignatureError, match="does not name one type with members"):
        plan_of(annotation)


def test_a_patch_without_a_type_is_rejected() -> None:
    async def change(patch: Patch) -> None: ...  # type: ignore[type-arg]

    with pytest.raises(SignatureError, match="does not name one type with members"):
        App().patch("/")(change)


@pytest.mark.parametrize(
    "annotation",
    [list[Patch[User]], Patch[User] | None, Annotated[Patch[User], Query()], dict[str, Patch[User]]],
)
def test_a_patch_that_is_not_the_whole_body_is_rejected(annotation: Any) -> None:
    async def change(patch: Any) -> None: ...

    change.__annotations__["patch"] = annotation
    with pytest.raises(SignatureError, match="is not a whole request body"):
        App().patch("/")(change)


def test_a_default_is_rejected() -> None:
    with pytest.raises(SignatureError, match="it has a default"):
        plan_of(User, default=None)


@pytest.mark.parametrize("marker", [Body(embed=True), Body(media_type="x/y"), Body(alias="x"), Body(max_length=3)])
def test_arguments_without_an_effect_are_rejected(marker: Any) -> None:
    async def change(patch: Annotated[Patch[User], marker]) -> None: ...

    with pytest.raises(SignatureError):
        App().patch("/")(change)


def test_another_body_next_to_it_is_rejected() -> None:
    async def change(patch: Patch[User], address: Address) -> None: ...

    with pytest.raises(SignatureError, match="body"):
        App().patch("/")(change)


def test_a_field_cannot_be_a_patch() -> None:
    with pytest.raises(PydanticUserError, match="cannot be a field"):

        class Holder(BaseModel):
            patch: Patch[User]


# -- the plan and the document -----------------------------------------------------------------------------------------


def test_a_dependency_shares_the_patch() -> None:
    async def names(patch: Patch[User]) -> list[str]:
        return sorted(patch.document)

    async def change(patch: Patch[User], sent: Annotated[list[str], Depends(names)]) -> list[str]:
        return sent

    plan = plan_endpoint(Endpoint(change, "/", ("PATCH",), ()))
    assert len([read for read in plan.reads if read.name == "patch"]) == 1


def test_the_plan_as_json_names_the_patch() -> None:
    steps = describe_plan(plan_of(User))["steps"]
    (read,) = [step for step in steps if step["step"] == "read"]
    assert (read["source"], read["type"], read["required"]) == ("body", "Patch[User]", True)


BODIES = st.dictionaries(st.sampled_from(["name", "tags", "x"]), JSON_VALUES, max_size=3)
MEDIA_TYPES = st.sampled_from([MERGE, "application/json", "application/json-patch+json", "text/plain", None])


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@settings(max_examples=examples(60))
@given(
    body=st.binary(max_size=3) | BODIES.map(lambda each: Whole(value=each).model_dump_json()[9:-1].encode()),
    media_type=MEDIA_TYPES,
)
@example(body=b"NaN", media_type=MERGE)
@example(body=b"-Infinity", media_type="application/json")
@example(body=b'{"name": NaN}', media_type=MERGE)
@example(body=b'{"age": Infinity, "x": [NaN]}', media_type=MERGE)
def test_binder_and_interpreter_agree(backend: str, body: bytes, media_type: str | None) -> None:
    events: list[Any] = []

    async def change(patch: Patch[User]) -> dict[str, Any]:
        return patch.document

    plan = plan_endpoint(Endpoint(change, "/", ("PATCH",), ()))
    headers = [(b"content-type", media_type.encode())] if media_type is not None else []
    sent = Sent(values=[], query=b"", headers=headers, body=body)

    async def both() -> None:
        assert await by_binder(plan, sent, events) == await by_oracle(plan, sent, events)

    anyio.run(both, backend=backend)

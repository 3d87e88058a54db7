"""`JSONPatch[User]`: JSON Patch (RFC 6902) of models, dataclasses and TypedDicts."""

import json
import sys
from typing import Annotated, Any

import anyio
import cloudpickle
import jsonpatch
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, PydanticUserError, RootModel, SecretStr, field_validator

from signette import App, Body, JSONPatch, Patch, Request, Router
from signette.compat import FastAPIErrors
from signette.declarative.adapters.json_patch import MAX_COPIED
from signette.declarative.adapters.patch_operations import MAX_OPERATIONS
from signette.declarative.adapters.validators import check_json
from signette.declarative.errors.base import SignatureError
from signette.declarative.inspection.plan_json import describe_plan
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.exceptions import HTTPException
from tests.asgi import fetch
from tests.declarative.signatures import Sent
from tests.declarative.test_binder_agrees import by_binder, by_oracle
from tests.declarative.test_patch import ADA, JSON_VALUES, MERGE, Address, Line, Point, User, Whole
from tests.volume import examples

PATCHES = "application/json-patch+json"
Op = dict[str, Any]


def op(name: str, path: str, *value: Any, **members: Any) -> Op:
    return {"op": name, "path": path, **members} | ({"value": value[0]} if value else {})


def move(source: str, path: str, name: str = "move") -> Op:
    return {"op": name, "from": source, "path": path}


def patch_of(annotation: Any, *operations: Op) -> JSONPatch[Any]:
    """A patch as a request brings it."""
    made: JSONPatch[Any] = check_json(JSONPatch[annotation])(json.dumps(operations).encode())
    return made


def applied(value: Any, *operations: Op, annotation: Any = None) -> Any:
    return patch_of(annotation or type(value), *operations).apply(value)


def app_of(value: Any, annotation: Any = None, **options: Any) -> App:
    """An application whose endpoint patches this value, and shows the result."""
    app = App(**options)

    async def change(patch: Any) -> dict[str, str]:
        return {"repr": repr(patch.apply(value))}

    change.__annotations__["patch"] = annotation or JSONPatch[type(value)]
    app.patch("/")(change)
    return app


async def send(app: App, *operations: Any, media_type: str = PATCHES) -> Any:
    return await fetch(app, "PATCH /", json.dumps(operations).encode(), headers={"content-type": media_type})


# -- what the operations do --------------------------------------------------------------------------------------------

# RFC 6902, appendix A: the original, the operations, the result.
TABLE: list[tuple[Any, list[Op], Any]] = [
    ({"foo": "bar"}, [op("add", "/baz", "qux")], {"baz": "qux", "foo": "bar"}),
    ({"foo": ["bar", "baz"]}, [op("add", "/foo/1", "qux")], {"foo": ["bar", "qux", "baz"]}),
    ({"baz": "qux", "foo": "bar"}, [op("remove", "/baz")], {"foo": "bar"}),
    ({"foo": ["bar", "qux", "baz"]}, [op("remove", "/foo/1")], {"foo": ["bar", "baz"]}),
    ({"baz": "qux", "foo": "bar"}, [op("replace", "/baz", "boo")], {"baz": "boo", "foo": "bar"}),
    (
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [move("/foo/waldo", "/qux/thud")],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    ({"foo": ["all", "grass", "cows", "eat"]}, [move("/foo/1", "/foo/3")], {"foo": ["all", "cows", "eat", "grass"]}),
    ({"baz": "qux", "foo": ["a", 2, "c"]}, [op("test", "/baz", "qux"), op("test", "/foo/1", 2)], None),
    ({"foo": "bar"}, [op("add", "/child", {"grandchild": {}})], {"foo": "bar", "child": {"grandchild": {}}}),
    ({"foo": "bar"}, [op("add", "/baz", "qux", xyz=123)], {"foo": "bar", "baz": "qux"}),
    ({"/": 9, "~1": 10}, [op("test", "/~01", 10)], None),
    ({"foo": ["bar"]}, [op("add", "/foo/-", ["abc", "def"])], {"foo": ["bar", ["abc", "def"]]}),
]
CONFLICTS: list[tuple[Any, list[Op], str]] = [
    ({"baz": "qux"}, [op("test", "/baz", "bar")], "/0/value"),
    ({"foo": "bar"}, [op("add", "/baz/bat", "qux")], "/0/path"),
    ({"/": 9, "~1": 10}, [op("test", "/~01", "10")], "/0/value"),
    ({"a": [1]}, [op("add", "/a/2", 1)], "/0/path"),
    ({"a": [1]}, [op("replace", "/a/1", 1)], "/0/path"),
    ({"a": [1]}, [op("remove", "/a/-")], "/0/path"),
    ({"a": [1]}, [op("add", "/a/01", 1)], "/0/path"),
    ({"a": [1]}, [op("add", "/a/x", 1)], "/0/path"),
    ({"a": [1]}, [op("remove", "/a/" + "9" * 5000)], "/0/path"),
    ({"a": 1}, [op("remove", "/b")], "/0/path"),
    ({"a": 1}, [op("replace", "/b", 1)], "/0/path"),
    ({"a": "text"}, [op("remove", "/a/0")], "/0/path"),
    ({"a": 1}, [op("test", "/a", 1), move("/b", "/c")], "/1/from"),
    ({"a": 1}, [move("/b", "/c", "copy")], "/0/from"),
    ({"a": True}, [op("test", "/a", 1)], "/0/value"),
    ({"a": [0]}, [op("test", "/a", [False])], "/0/value"),
    ({"a": None}, [op("test", "/b", None)], "/0/path"),
]


def below(name: str, operations: list[Op]) -> list[Op]:
    """The operations for a document that is the value of a member."""
    return [
        {key: name + value if key in ("path", "from") else value for key, value in each.items()} for each in operations
    ]


@pytest.mark.parametrize(("original", "operations", "result"), TABLE)
def test_the_examples_of_the_rfc(original: Any, operations: list[Op], result: Any) -> None:
    expected = original if result is None else result
    assert applied(Whole(value=original), *below("/value", operations)) == Whole(value=expected)


@pytest.mark.parametrize(("original", "operations", "pointer"), CONFLICTS)
async def test_what_does_not_fit_the_value_is_a_conflict(original: Any, operations: list[Op], pointer: str) -> None:
    response = await send(app_of(Whole(value=original)), *below("/value", operations))
    assert (response.status, [each["pointer"] for each in response.json["errors"]]) == (409, [pointer])
    assert response["content-type"] == "application/problem+json"


def operations() -> st.SearchStrategy[Op]:
    pointers = st.lists(st.sampled_from(["a", "b", "c", "0", "1", "-", ""]), max_size=3).map(
        lambda tokens: "".join("/" + token for token in tokens)
    )
    with_value = st.builds(op, st.sampled_from(["add", "replace", "test"]), pointers, JSON_VALUES)
    moving = st.builds(move, pointers, pointers, st.sampled_from(["move", "copy"]))
    return with_value | moving | st.builds(op, st.just("remove"), pointers)


@settings(max_examples=examples(120))
@given(JSON_VALUES.filter(lambda value: isinstance(value, dict)), st.lists(operations(), min_size=1, max_size=4))
def test_operations_do_what_the_library_does(value: Any, found: list[Op]) -> None:
    nested = below("/value", found)
    try:
        expected: Any = jsonpatch.apply_patch({"value": value}, nested)
        assume(isinstance(expected["value"], dict))
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException):
        expected = None
    except KeyError:  # the member itself was moved away
        assume(False)
    try:
        result = applied(Whole(value=value), *nested).model_dump()
    except (HTTPException, ValueError):
        result = None
    assert result == expected
    assert json.dumps(result, sort_keys=True) == json.dumps(expected, sort_keys=True)  # `True` is not 1


CHANGES: list[tuple[list[Op], dict[str, Any]]] = [
    ([], {}),
    ([op("replace", "/name", "Bob")], {"name": "Bob"}),
    ([op("replace", "/email", None)], {"email": None}),
    ([op("remove", "/email")], {"email": None}),
    ([op("remove", "/tags")], {"tags": []}),
    ([op("add", "/tags/-", "z"), op("remove", "/tags/0")], {"tags": ["y", "z"]}),
    ([op("replace", "/address/zip", "9")], {"address": Address(street="s", zip="9")}),
    ([op("remove", "/places/home")], {"places": {}}),
    ([move("/address", "/places/work", "copy")], {"places": {**ADA.places, "work": Address(street="s", zip="1")}}),
    ([move("/places/home", "/address")], {"places": {}, "address": Address(street="t")}),
    ([op("replace", "/password", "new")], {"password": SecretStr("new")}),
    ([op("replace", "/hidden", 4)], {"hidden": 4}),
    ([op("add", "/places/x", {}), op("add", "/places/x/street", "u"), op("remove", "/places/home")],
     {"places": {"x": Address(street="u")}}),
    # Values are compared as responses show them: without secrets and excluded members.
    ([op("test", "/name", "<Ada>"), op("test", "/born", "1815-12-10"), op("test", "/color", "red")], {}),
    ([op("test", "/address", {"street": "s", "zip": "1"}), op("test", "/tags", ["x", "y"])], {}),
    ([op("add", "/tags/0", "n"), op("test", "/tags", ["n", "x", "y"])], {"tags": ["n", "x", "y"]}),
]  # fmt: skip


@pytest.mark.parametrize(("patch", "changes"), CHANGES)
def test_a_patch_changes_what_it_names_and_nothing_else(patch: list[Op], changes: dict[str, Any]) -> None:
    before = ADA.model_copy(deep=True)
    assert applied(ADA, *patch) == ADA.model_copy(update=changes)
    assert before == ADA


class Shelf(BaseModel):
    books: list[Address] = []
    pair: tuple[int, str] = (1, "a")
    either: Point | Address | None = None
    names: set[str] = set()
    root: RootModel[dict[str, Point]] = RootModel({})


SHELF = Shelf(
    books=[Address(street="a"), Address(street="b", zip="2")],
    either=Point(1, 2),
    names={"n"},
    root=RootModel({"p": Point(1)}),
)  # fmt: skip
OTHERS: list[tuple[Any, Any, list[Op], Any]] = [
    (Point, Point(1, 2, "a"), [op("replace", "/x", 5), op("remove", "/label")], Point(5, 2, None)),
    (
        Line,
        {"start": Point(1, 2), "title": "t", "width": 3},
        [op("remove", "/width"), move("/start", "/end", "copy"), op("add", "/Title", "u"), op("add", "/end/x", 9)],
        {"start": Point(1, 2), "end": Point(9, 2), "title": "u"},
    ),
    (Shelf, SHELF, [op("add", "/books/1/zip", "3")], {"books": [Address(street="a"), Address(street="b", zip="3")]}),
    (Shelf, SHELF, [op("replace", "/pair/0", 7)], {"pair": (7, "a")}),
    (Shelf, SHELF, [op("replace", "/either/y", 7)], {"either": Point(1, 7)}),
    (Shelf, SHELF, [op("replace", "/either", {"street": "s"})], {"either": Address(street="s")}),
    (Shelf, SHELF, [op("add", "/names/-", "m")], {"names": {"n", "m"}}),
    (Shelf, SHELF, [op("replace", "/root/p/x", 4)], {"root": RootModel[dict[str, Point]]({"p": Point(4)})}),
]  # fmt: skip


@pytest.mark.parametrize(("annotation", "value", "patch", "result"), OTHERS, ids=range(len(OTHERS)))
def test_other_types_are_patched(annotation: Any, value: Any, patch: list[Op], result: Any) -> None:
    plan_of(JSONPatch[annotation])
    expected = value.model_copy(update=result) if isinstance(value, Shelf) else result
    assert applied(value, *patch, annotation=annotation) == expected


class Tracked(BaseModel):
    inner: "Inner"
    more: dict[str, Any] = {}
    label: str = ""


class Inner(BaseModel):
    name: str
    _opened: bool = False


Tracked.model_rebuild()


def test_what_is_not_named_stays_the_object_that_it_is() -> None:
    value = Tracked(inner=Inner(name="a"), more={"object": object()})
    changed = applied(value, op("replace", "/label", "b"), move("/more", "/more", "copy"))
    assert changed.inner is value.inner


def test_a_copy_does_not_share_what_it_copies() -> None:
    value = Whole(value={"a": [1]})
    changed = applied(value, move("/value/a", "/value/b", "copy"), op("add", "/value/a/-", 2))
    changed.value["b"].append(3)
    assert (changed.value, value.value) == ({"a": [1, 2], "b": [1, 3]}, {"a": [1]})


def test_no_operation_has_an_effect_if_one_fails() -> None:
    value = Whole(value={"a": [1]})
    with pytest.raises(HTTPException):
        applied(value, op("add", "/value/a/-", 2), op("test", "/value/a", []))
    assert value.value == {"a": [1]}


# -- errors of requests ------------------------------------------------------------------------------------------------

BAD: list[tuple[list[Any], list[tuple[str, str]]]] = [
    # the form of the operations
    ([{"path": "/name"}], [("/0", "union_tag_not_found")]),
    ([op("put", "/name", 1)], [("/0", "union_tag_invalid")]),
    ([3], [("/0", "dict_type")]),
    ([{"op": "add", "path": "/name"}], [("/0/value", "missing")]),
    ([{"op": "remove"}], [("/0/path", "missing")]),
    ([{"op": "move", "path": "/name"}], [("/0/from", "missing")]),
    ([op("remove", "name")], [("/0/path", "json_pointer")]),
    ([op("remove", "/~2")], [("/0/path", "json_pointer")]),
    ([{"op": "remove", "path": 3}], [("/0/path", "string_type")]),
    ([op("remove", "")], [("/0/path", "whole_document")]),
    ([move("/address", "/address/street")], [("/0/path", "move_into_itself")]),
    # what no user has
    ([op("add", "/nope", 1), op("remove", "/tags/x")], [("/0/path", "no_such_member"), ("/1/path", "no_such_member")]),
    ([op("add", "/name/first", 1)], [("/0/path", "no_such_member")]),
    ([op("add", "/zip_code", 1)], [("/0/path", "no_such_member")]),
    ([op("remove", "/tags/-")], [("/0/path", "no_such_member")]),
    ([op("add", "/tags" + "/0" * 300, 1)], [("/0/path", "no_such_member")]),
    ([move("/nope", "/name")], [("/0/from", "no_such_member")]),
    # values that the member does not accept
    ([op("replace", "/name", "")], [("/0/value", "string_too_short")]),
    ([op("replace", "/tags", ["a", 1])], [("/0/value/1", "string_type")]),
    ([op("add", "/places/x", {"zip": "1"})], [("/0/value/street", "missing")]),
    ([op("replace", "/color", "pink")], [("/0/value", "enum")]),
    # what responses do not show
    ([op("test", "/password", "secret")], [("/0/path", "hidden_member")]),
    ([op("test", "/hidden", 3)], [("/0/path", "hidden_member")]),
    ([move("/password", "/nick", "copy")], [("/0/from", "hidden_member")]),
    ([move("/hidden", "/nick")], [("/0/from", "hidden_member")]),
    # the changed user
    ([op("remove", "/name")], [("/0/path", "missing")]),
    ([op("remove", "/address/street")], [("/0/path", "missing")]),
    ([move("/address/street", "/nick")], [("/0/from", "missing")]),
    ([move("/tags", "/nick")], [("/0/path", "string_type")]),
    ([op("add", "/tags/0", "a"), op("add", "/tags/0", 3), op("add", "/tags/0", "b")], [("/1/value", "string_type")]),
    ([op("replace", "/born", "2010-01-01"), op("remove", "/email")], [("", "value_error")]),
    ([op("add", "/places/x", {}), op("add", "/places/x/zip", "1")], [("/0/value/street", "missing")]),
    ([op("add", "", {"nick": None, "nope": 1})], [("/0/value/name", "missing"), ("/0/value/nope", "extra_forbidden")]),
]  # fmt: skip


@pytest.mark.parametrize(("operations", "errors"), BAD, ids=range(len(BAD)))
async def test_errors_point_into_the_patch(operations: list[Any], errors: list[tuple[str, str]]) -> None:
    response = await send(app_of(ADA), *operations)
    assert (response.status, response.errors) == (422, [("body", pointer, code) for pointer, code in errors])
    assert "secret" not in response.text


MALFORMED = [
    (b"{}", PATCHES, 422),
    (b"null", PATCHES, 422),
    (b"", PATCHES, 422),
    (b"", None, 422),
    (b"[", PATCHES, 400),
    (b'[{"op": "add", "path": "/tags/0", "value": NaN}]', PATCHES, 400),
    (b"[]", MERGE, 415),
    (b"[]", "application/json", 415),
    (b"[]", "application/problem+json", 415),
    (b"[]", None, 415),
    (b"[" + b" " * 3_000_000 + b"]", PATCHES, 413),
    (b"[" * 100_000, PATCHES, 400),
    (b"[]", "Application/JSON-Patch+JSON; charset=utf-8", 200),
]


@pytest.mark.parametrize(("body", "media_type", "status"), MALFORMED, ids=range(len(MALFORMED)))
async def test_malformed_bodies_have_their_status(body: bytes, media_type: str | None, status: int) -> None:
    headers = {"content-type": media_type} if media_type is not None else {}
    response = await fetch(app_of(ADA), "PATCH /", body, headers=headers)
    assert response.status == status, response.text
    assert (response["accept-patch"], response["accept-post"]) == (PATCHES if status == 415 else None, None)


async def test_a_patch_has_a_bounded_number_of_operations() -> None:
    most = [op("test", "/tags/0", "x")] * MAX_OPERATIONS
    assert (await send(app_of(ADA), *most)).status == 200
    response = await send(app_of(ADA), *most, most[0])
    assert (response.status, response.errors) == (422, [("body", "", "too_long")])


async def test_copies_of_copies_are_bounded() -> None:
    doubling = [op("add", "/value/a", [0])] + [move("/value/a", "/value/a/-", "copy")] * 40
    response = await send(app_of(Whole(value={})), *doubling)
    assert (response.status, [each[2] for each in response.errors]) == (422, ["too_long"])
    assert str(MAX_COPIED) in response.text


class Versioned(BaseModel):
    model_config = ConfigDict(frozen=True)  # of instances: a patch makes another one

    number: int = Field(frozen=True)
    owner: str = Field("", json_schema_extra={"readOnly": True})
    name: str = ""
    parts: list["Part"] = []
    inner: "Part | None" = None


class Part(BaseModel):
    key: str = Field(frozen=True)
    count: int = 0


Versioned.model_rebuild()
VERSIONED = Versioned(number=1, owner="ada", name="a", parts=[Part(key="k")], inner=Part(key="k"))
FROZEN: list[tuple[list[Op], list[str]]] = [
    ([op("replace", "/number", 2)], ["/0/path"]),
    ([op("replace", "/owner", "eve"), op("remove", "/owner")], ["/0/path", "/1/path"]),
    ([op("replace", "/parts/0/key", "x")], ["/0/path"]),
    ([move("/number", "/name")], ["/0/from"]),
    ([op("replace", "/inner", {"key": "x"})], ["/0/value/key"]),
    ([op("replace", "", {"number": 2, "owner": "ada"})], ["/0/value/number"]),
    ([op("test", "/number", 1), op("add", "/inner/count", 2), op("remove", "/parts/0"), op("remove", "/inner")], []),
    ([op("replace", "/inner", {"key": "k", "count": 3}), op("add", "/parts/-", {"key": "n"})], []),
]  # fmt: skip


@pytest.mark.parametrize(("operations", "pointers"), FROZEN, ids=range(len(FROZEN)))
async def test_frozen_members_are_not_changed(operations: list[Op], pointers: list[str]) -> None:
    response = await send(app_of(VERSIONED), *operations)
    assert response.status == (422 if pointers else 200), response.text
    if pointers:
        assert response.errors == [("body", each, "frozen_field") for each in pointers]


class Converted(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)

    text: str = ""
    tags: list[str] = []

    @field_validator("tags", mode="before")
    @classmethod
    def split(cls, value: Any) -> Any:
        return value.split(",") if isinstance(value, str) else value


def test_values_that_a_validator_or_setting_accepts_are_not_rejected_before_it() -> None:
    changed = applied(Converted(), op("replace", "/text", 3), op("replace", "/tags", "a,b"))
    assert changed == Converted(text="3", tags=["a", "b"])


class Vault(BaseModel):
    account: "Account" = Field(default_factory=lambda: Account(code=1))
    spare: "Account | None" = None
    accounts: list["Account"] = []
    others: dict[str, Any] = {}


class Account(BaseModel):
    shown: int = 0
    code: int = Field(exclude=True)


Vault.model_rebuild()


async def test_members_that_are_hidden_stay_where_they_are_hidden() -> None:
    value = Vault(accounts=[Account(code=7, shown=1), Account(code=8)])
    assert applied(value, move("/accounts/1", "/accounts/0")).accounts == [Account(code=8), Account(code=7, shown=1)]
    assert applied(value, op("test", "/accounts/0", {"shown": 1}))
    response = await send(app_of(value), move("/accounts/0", "/others/a", "copy"))
    assert (response.status, response.errors) == (422, [("body", "/0/from", "hidden_member")])


def test_a_value_of_another_type_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="`JSONPatch\\[User\\]` cannot be applied to a `Point`"):
        patch_of(User).apply(Point(1))


# -- with a merge patch ------------------------------------------------------------------------------------------------

EITHER = Patch[User] | JSONPatch[User]
SENT = [
    (b'{"name": "Bob"}', MERGE, 200),
    (b'{"name": "Bob"}', "application/json", 200),
    (b'[{"op": "replace", "path": "/name", "value": "Bob"}]', PATCHES, 200),
    (b'{"name": "Bob"}', PATCHES, 422),
    (b"[]", MERGE, 422),
    (b"[]", "application/json", 422),
    (b"{", PATCHES, 400),
    (b"{}", "text/plain", 415),
    (b"{}", "application/problem+json", 415),
    (b"{}", None, 415),
    (b"", None, 422),
]


@pytest.mark.parametrize("annotation", [EITHER, JSONPatch[User] | Patch[User]])
@pytest.mark.parametrize(("body", "media_type", "status"), SENT)
async def test_the_media_type_decides(annotation: Any, body: bytes, media_type: str | None, status: int) -> None:
    app = app_of(ADA, annotation)
    response = await fetch(app, "PATCH /", body, headers={"content-type": media_type} if media_type else {})
    assert response.status == status, response.text
    assert ("name='Bob'" in response.text) is (status == 200)
    if status == 415:
        assert set(response["accept-patch"].split(", ")) == {MERGE, "application/json", PATCHES}
    options = await fetch(app, "OPTIONS /")
    assert set(options["accept-patch"].split(", ")) == {MERGE, "application/json", PATCHES}
    assert options["accept-post"] is None


async def test_a_body_needs_no_content_type_where_that_is_switched_off() -> None:
    assert (await fetch(app_of(ADA, strict_content_type=False), "PATCH /", b"[]")).status == 200
    assert (await fetch(app_of(ADA, EITHER, strict_content_type=False), "PATCH /", b"{}")).status == 200


async def test_a_request_has_the_same_body() -> None:
    app = App()

    @app.patch("/")
    async def change(patch: JSONPatch[User], request: Request) -> list[Any]:
        return [list(patch), len(patch), (await request.body()).decode()]

    response = await fetch(app, "PATCH /", b'[{"op": "remove", "path": "/email"}]', headers={"content-type": PATCHES})
    assert response.json == [[op("remove", "/email")], 1, '[{"op": "remove", "path": "/email"}]']


async def test_errors_have_the_format_of_the_application() -> None:
    app = app_of(ADA, errors=FastAPIErrors())
    response = await send(app, op("replace", "/tags", [1]))
    assert (response.status, response.json["detail"][0]["loc"][:3]) == (422, ["body", 0, "value"])
    assert (await send(app, op("test", "/name", 1))).status == 409


async def test_routers_and_sync_endpoints_take_it() -> None:
    router = Router(prefix="/users")

    @router.patch("/{user_id}")
    def change(user_id: int, patch: EITHER) -> JSONPatch[User] | Patch[User]:  # type: ignore[valid-type]
        return patch

    app = App()
    app.include_router(router, prefix="/v1")
    body = b'[{"op": "remove", "path": "/email"}]'
    response = await fetch(app, "PATCH /v1/users/1", body, headers={"content-type": PATCHES})
    assert response.json == [op("remove", "/email")]
    assert (await fetch(app, "OPTIONS /v1/users/1"))["accept-patch"] == f"{MERGE}, application/json, {PATCHES}"


# -- start-up errors ---------------------------------------------------------------------------------------------------


def plan_of(annotation: Any, methods: tuple[str, ...] = ("PATCH",)) -> Any:
    async def change(patch: Any) -> None: ...

    change.__annotations__["patch"] = annotation
    return plan_endpoint(Endpoint(change, "/", methods, ()))


class WithDefault(BaseModel):
    name: str | None = "x"


class WithKeys(BaseModel):
    items: list["Counts"] = []


class Counts(BaseModel):
    counts: dict[int, str]


WithKeys.model_rebuild()


def test_null_is_a_value_for_operations() -> None:
    plan_of(JSONPatch[WithDefault])
    assert applied(WithDefault(), op("replace", "/name", None)) == WithDefault(name=None)
    assert applied(WithDefault(name="y"), op("remove", "/name")) == WithDefault(name="x")
    with pytest.raises(SignatureError, match=r"because of `WithDefault\.name`"):
        plan_of(Patch[WithDefault] | JSONPatch[WithDefault])


def test_models_in_lists_must_be_patchable() -> None:
    plan_of(Patch[WithKeys])
    with pytest.raises(SignatureError, match=r"because of `Counts\.counts`"):
        plan_of(JSONPatch[WithKeys])


@pytest.mark.parametrize(
    ("annotation", "problem"),
    [
        (list[JSONPatch[User]], "is not a whole request body"),
        (JSONPatch[User] | None, "is not a whole request body"),
        (JSONPatch[User] | User, "is a patch or a whole value"),
        (JSONPatch[int], "does not name one type with members"),
        (JSONPatch, "does not name one type with members"),
        (Patch[User] | JSONPatch[Address], "has patches of different types"),
        (Patch[User] | Patch[Address], "has patches of different types"),
        (Annotated[JSONPatch[User], Body(embed=True)], "embed"),
        (Annotated[JSONPatch[User], Body(media_type="x/y")], "media_type"),
        (Annotated[JSONPatch[User], Body(max_length=3)], "max_length"),
    ],
)
def test_what_cannot_be_a_patch_is_rejected(annotation: Any, problem: str) -> None:
    with pytest.raises(SignatureError, match=problem):
        plan_of(annotation)


def test_another_method_is_rejected() -> None:
    with pytest.raises(SignatureError, match="patches are sent with PATCH"):
        plan_of(JSONPatch[User], ("PUT",))


def test_a_field_cannot_be_a_patch() -> None:
    with pytest.raises(PydanticUserError, match="cannot be a field"):

        class Holder(BaseModel):
            patch: JSONPatch[User]


def test_the_extra_is_named_if_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unknown(BaseModel):
        name: str

    monkeypatch.setitem(sys.modules, "jsonpatch", None)
    with pytest.raises(ImportError, match=r"pip install 'signette\[json-patch\]'"):
        plan_of(JSONPatch[Unknown])


# -- the plan ----------------------------------------------------------------------------------------------------------


def test_the_plan_as_json_names_the_patch() -> None:
    (read,) = [step for step in describe_plan(plan_of(EITHER))["steps"] if step["step"] == "read"]
    assert (read["source"], read["type"], read["required"]) == ("body", "Patch[User] | JSONPatch[User]", True)


async def test_a_pickled_application_patches() -> None:
    app = cloudpickle.loads(cloudpickle.dumps(app_of(ADA, EITHER)))
    response = await send(app, op("replace", "/name", "Bob"))
    assert "name='Bob'" in response.json["repr"]


BODIES = st.lists(operations(), max_size=2).map(lambda each: json.dumps(below("/name", each)).encode())
BODIES |= st.lists(operations(), max_size=2).map(lambda each: json.dumps(below("/tags", each)).encode())


@pytest.mark.parametrize("annotation", [JSONPatch[User], EITHER], ids=["operations", "either"])
@settings(max_examples=examples(40))
@given(
    body=st.binary(max_size=3) | BODIES | JSON_VALUES.map(lambda each: json.dumps(each).encode()),
    media_type=st.sampled_from([PATCHES, PATCHES, MERGE, "application/json", "text/plain", None]),
)
@example(body=b"NaN", media_type=PATCHES)
@example(body=b'{"name": -Infinity}', media_type=MERGE)
@example(body=b'{"x": 1e400}', media_type=MERGE)
@example(body=b'[{"op": "replace", "path": "/name", "value": Infinity}]', media_type=PATCHES)
@example(body=b'[{"op": "replace", "path": "/name", "value": 1e400}]', media_type=PATCHES)
def test_binder_and_interpreter_agree(annotation: Any, body: bytes, media_type: str | None) -> None:
    events: list[Any] = []

    async def change(patch: Any) -> Any:
        return patch.document

    change.__annotations__["patch"] = annotation
    plan = plan_endpoint(Endpoint(change, "/", ("PATCH",), ()))
    headers = [(b"content-type", media_type.encode())] if media_type is not None else []
    sent = Sent(values=[], query=b"", headers=headers, body=body)

    async def both() -> None:
        assert await by_binder(plan, sent, events) == await by_oracle(plan, sent, events)

    anyio.run(both)

"""What becomes of results: filtered by the declared type, written by the options, sent with the right status."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar

import pytest
from pydantic import AliasGenerator, BaseModel, ConfigDict, Field, computed_field
from pydantic.alias_generators import to_camel

from signette.app import App
from signette.background import BackgroundTask, BackgroundTasks
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.outcomes import Accepted, Created, NoContent, Ok, Outcome, Raises
from signette.declarative.signature.pages import Page
from signette.declarative.signature.tagged import Tagged
from signette.exceptions import ResponseValidationError
from signette.problems import Problem
from signette.responses.events import EventSourceResponse
from signette.responses.plain import HTMLResponse, JSONResponse, PlainTextResponse, Response
from signette.responses.redirect import RedirectResponse
from tests.asgi import Exchange, fetch
from tests.declarative.building import app_of

T = TypeVar("T")


class Item(BaseModel):
    name: str


class Secret(Item):
    """What may never leave where an `Item` is declared."""

    password: str = "secret"

    @computed_field
    def hint(self) -> str:
        return "secret"


class Kept(Item):
    @cached_property
    def later(self) -> str:
        return "secret"


@dataclass
class Row:
    name: str


@dataclass
class SecretRow(Row):
    password: str = "secret"


class Record:
    """Of an ORM's kind."""

    def __init__(self) -> None:
        self.name, self.password = "n", "secret"


class Box(BaseModel, Generic[T]):
    item: T
    more: list[T] = []


class Strange(BaseModel):
    """A model that lets a value stand that is not what it says."""

    name: Any


async def response_of(annotation: Any, result: Any, **options: Any) -> Exchange:
    """The response of an endpoint with this annotation and this result."""

    async def endpoint() -> Any:
        return result

    endpoint.__annotations__["return"] = annotation
    return await fetch(app_of(endpoint, **options), "GET /")


# -- filtering ---------------------------------------------------------------------------------------------------------

SECRET = Secret(name="n")
_KEPT = Kept(name="n")
assert _KEPT.later  # now its `__dict__` holds more than its fields
LEAKS: dict[str, tuple[Any, Any, Any]] = {
    "a subclass": (Item, SECRET, {"name": "n"}),
    "a cached property": (Item, _KEPT, {"name": "n"}),
    "an extra attribute": (Item, Record(), {"name": "n"}),
    "a mapping": (Item, {"name": "n", "password": "secret"}, {"name": "n"}),
    "a subclass in a list": (list[Item], [Item(name="a"), SECRET], [{"name": "a"}, {"name": "n"}]),
    "a list of subclasses": (list[Item], [SECRET], [{"name": "n"}]),
    "a subclass in a dictionary": (dict[str, Item], {"a": SECRET}, {"a": {"name": "n"}}),
    "a subclass in a tuple": (tuple[Item, Item], (SECRET, SECRET), [{"name": "n"}, {"name": "n"}]),
    "an optional": (Item | None, SECRET, {"name": "n"}),
    "a union": (Item | int, SECRET, {"name": "n"}),
    "a field of a model": (
        Box[Item],
        Box[Item](item=SECRET, more=[SECRET]),
        {"item": {"name": "n"}, "more": [{"name": "n"}]},
    ),
    "a field that was not checked": (
        Box[Item],
        Box[Item].model_construct(item=SECRET, more=[]),
        {"item": {"name": "n"}, "more": []},
    ),
    "a dataclass": (Row, SecretRow("n"), {"name": "n"}),
    "dataclasses": (list[Row], [SecretRow("n")], [{"name": "n"}]),
    "an outcome": (Created[Item], Created(SECRET), {"name": "n"}),
    "an outcome of another class": (
        Created[Item],
        type("SingletonStore", (Created,), {"__slots__": ()})(SECRET),
        {"name": "n"},
    ),
    "a plain result beside an outcome": (Created[Item] | Item, SECRET, {"name": "n"}),
    "a result of two beside an outcome": (NoContent | Item | int, SECRET, {"name": "n"}),
    "metadata": (Annotated[Item, Field(description="words")], SECRET, {"name": "n"}),
}


@pytest.mark.parametrize(("annotation", "result", "sent"), LEAKS.values(), ids=LEAKS.keys())
async def test_undeclared_fields_are_never_sent(annotation: Any, result: Any, sent: Any) -> None:
    response = await response_of(annotation, result)
    assert "secret" not in response.body.decode()
    assert response.json == sent


@pytest.mark.parametrize("response_class", [JSONResponse, type("Own", (JSONResponse,), {}), EventSourceResponse])
async def test_the_response_class_changes_nothing_of_that(response_class: Any) -> None:
    async def endpoint() -> AsyncIterator[Item]:
        yield SECRET

    async def one() -> Item:
        return SECRET

    chosen = endpoint if response_class is EventSourceResponse else one
    response = await fetch(app_of(chosen, response_class=response_class), "GET /")
    assert b"secret" not in response.body
    assert b'{"name":"n"}' in response.body


async def test_a_class_that_overrides_render_gets_only_the_declared_fields() -> None:
    class Indented(JSONResponse):
        def render(self, content: Any) -> bytes:
            return json.dumps(content, indent=1).encode()

    assert (await response_of(Item, SECRET, response_class=Indented)).body == b'{\n "name": "n"\n}'
    assert (await response_of(list[Item], [SECRET], response_class=Indented)).json == [{"name": "n"}]


UNDECLARED = [
    (annotation, result)
    for annotation in (Accepted[Item], NoContent | Accepted[Item], Item)
    for result in (Created(SECRET), SECRET, Ok(SECRET), None, 3, "secret")
    if not (annotation is Item and result is SECRET)  # this one is filtered
]


@pytest.mark.parametrize(("annotation", "result"), UNDECLARED)
async def test_an_undeclared_outcome_is_an_error_and_not_sent(annotation: Any, result: Any) -> None:
    with pytest.raises(ResponseValidationError):
        await response_of(annotation, result)


@pytest.mark.parametrize(("annotation", "result"), [(str, 3), (str, SECRET), (str, None), (bytes, 3), (bytes, "text")])
async def test_a_text_or_bytes_must_be_one(annotation: Any, result: Any) -> None:
    with pytest.raises(ResponseValidationError):
        await response_of(annotation, result)


async def test_an_invalid_result_is_a_500_without_details() -> None:
    async def endpoint() -> Item:
        return {"nome": "secret"}  # type: ignore[return-value]  # the error under test

    heard: list[str] = []
    app = app_of(endpoint)
    with pytest.raises(ResponseValidationError, match="the result is not a valid `Item`: Field required at /name"):
        await fetch(app, "GET /", log=heard)
    assert heard == ["sent"]


async def test_an_error_in_a_scalar_result_has_no_location() -> None:
    async def endpoint() -> int:
        return "x"  # type: ignore[return-value]  # the error under test

    with pytest.raises(
        ResponseValidationError, match=r"^the result is not a valid `int`: Input should be a valid integer[^/]*$"
    ):
        await fetch(app_of(endpoint), "GET /")


async def test_an_instance_of_the_type_is_not_checked_again_and_not_changed() -> None:
    item = Item(name="n")
    item.name = "x" * 3
    assert (await response_of(Item, item)).json == {"name": "xxx"}
    assert (await response_of(Strange, Strange(name={1, 2}))).json in ({"name": [1, 2]}, {"name": [2, 1]})


# -- options -----------------------------------------------------------------------------------------------------------


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=AliasGenerator(serialization_alias=to_camel))

    first_name: str
    nick_name: str | None = None
    tags: list[str] = Field(default_factory=lambda: ["a"])


CAMEL = Camel(first_name="A", tags=["a"])
OPTIONS: dict[str, tuple[dict[str, Any], Any]] = {
    "none": ({}, {"firstName": "A", "nickName": None, "tags": ["a"]}),
    "by_alias": ({"response_model_by_alias": False}, {"first_name": "A", "nick_name": None, "tags": ["a"]}),
    "by alias": ({"response_model_by_alias": True}, {"firstName": "A", "nickName": None, "tags": ["a"]}),
    "unset": ({"response_model_exclude_unset": True}, {"firstName": "A", "tags": ["a"]}),
    "defaults": ({"response_model_exclude_defaults": True}, {"firstName": "A"}),
    "none values": ({"response_model_exclude_none": True}, {"firstName": "A", "tags": ["a"]}),
    "include": ({"response_model_include": {"tags"}}, {"tags": ["a"]}),
    "exclude": ({"response_model_exclude": {"tags", "nick_name"}}, {"firstName": "A"}),
}


@pytest.mark.parametrize(("options", "sent"), OPTIONS.values(), ids=OPTIONS.keys())
async def test_options_of_the_model(options: dict[str, Any], sent: Any) -> None:
    assert (await response_of(Camel, CAMEL, **options)).json == sent


LISTS = [
    (list[Camel], [CAMEL], lambda sent: sent[0]),
    (tuple[Camel, ...], (CAMEL,), lambda sent: sent[0]),
    (list[list[Camel]], [[CAMEL]], lambda sent: sent[0][0]),
    (list[Camel] | None, [CAMEL], lambda sent: sent[0]),
    (Created[list[Camel]], Created([CAMEL]), lambda sent: sent[0]),
]


@pytest.mark.parametrize(("annotation", "result", "part"), LISTS)
@pytest.mark.parametrize(("options", "sent"), OPTIONS.values(), ids=OPTIONS.keys())
async def test_options_of_the_model_hold_for_the_items_of_a_list(
    annotation: Any, result: Any, part: Any, options: dict[str, Any], sent: Any
) -> None:
    """pydantic ignores names of fields that are declared for a list, and FastAPI with it."""
    assert part((await response_of(annotation, result, **options)).json) == sent


async def test_names_for_all_items_and_for_one_are_pydantics() -> None:
    excluded = {"__all__": {"tags", "nick_name"}}
    assert (await response_of(list[Camel], [CAMEL], response_model_exclude=excluded)).json == [{"firstName": "A"}]
    assert (await response_of(list[Camel], [CAMEL, CAMEL], response_model_include={1: {"tags"}})).json == [
        {"tags": ["a"]}
    ]


async def test_names_that_no_item_of_a_list_has_are_rejected() -> None:
    with pytest.raises(SignatureError, match="contains `nickname`, which is not a field of `Camel`"):
        await response_of(list[Camel], [CAMEL], response_model_exclude={"nickname"})


async def test_response_model_overrides_the_annotation_and_none_disables_it() -> None:
    assert (await response_of(Secret, SECRET, response_model=Item)).json == {"name": "n"}
    assert "password" in (await response_of(Item, SECRET, response_model=None)).json


async def test_outcomes_keep_their_statuses_without_a_response_model() -> None:
    response = await response_of(Created[Item] | NoContent, Created(SECRET), response_model=None)
    assert (response.status, "password" in response.json) == (201, True)
    assert (await response_of(Created[Item] | NoContent, NoContent(), response_model=None)).status == 204
    tagged = await response_of(Tagged[Item], Tagged(SECRET, etag=3), response_model=None)
    assert (tagged.status, tagged["etag"], "password" in tagged.json) == (200, '"3"', True)


def test_the_error_of_a_status_code_beside_a_page_has_the_status_of_pages() -> None:
    async def paged(page: Page.Offset) -> Page[Item]: ...

    with pytest.raises(SignatureError, match="a page is sent with the status 200\n  hint: remove the option"):
        App().get("/", status_code=201)(paged)


@pytest.mark.parametrize(
    ("options", "status"),
    [({}, 200), ({"status_code": 201}, 201), ({"status_code": 299}, 299)],
)
async def test_a_plain_result_has_the_declared_status(options: dict[str, Any], status: int) -> None:
    assert (await response_of(Item, SECRET, **options)).status == status


async def test_none_is_no_content_unless_a_status_is_declared() -> None:
    for options, status, length in (
        ({}, 204, None),
        ({"status_code": 202}, 202, "0"),
        ({"status_code": 304}, 304, None),
    ):
        response = await response_of(None, None, **options)
        assert (response.status, response.body, response["content-length"]) == (status, b"", length)


async def test_a_redirect_is_one_by_its_class() -> None:
    response = await response_of(str, "/there", response_class=RedirectResponse)
    assert (response.status, response["location"]) == (307, "/there")
    response = await response_of(str, "/there", response_class=RedirectResponse, status_code=303)
    assert (response.status, response["location"]) == (303, "/there")


async def test_a_text_is_json_where_that_is_asked_for() -> None:
    assert (await response_of(str, "a", response_class=JSONResponse)).body == b'"a"'
    assert (await response_of(str, "<p>", response_class=HTMLResponse))["content-type"] == "text/html; charset=utf-8"


NAN = float("nan")


class Spelled(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="strings")

    number: float = NAN
    numbers: list[float] = [1.5, float("inf"), 1e16]


class Constant(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="constants")

    number: float = NAN


class Nested(BaseModel):
    spelled: Spelled = Spelled()
    plain: float = NAN


SPELLED = {"number": "NaN", "numbers": [1.5, "Infinity", 1e16]}


@pytest.mark.parametrize(
    ("annotation", "result", "sent"),
    [
        (dict[str, float], {"a": NAN}, {"a": None}),
        (float, NAN, None),
        (Any, {"a": NAN}, {"a": None}),
        (Spelled, Spelled(), SPELLED),
        (list[Spelled], [Spelled(), Spelled(number=1)], [SPELLED, {**SPELLED, "number": 1.0}]),
        (dict[str, Any], {"a": Spelled()}, {"a": SPELLED}),
        (Any, [Spelled()], [SPELLED]),
        (Created[Spelled], Created(Spelled()), SPELLED),
        (Nested, Nested(), {"spelled": SPELLED, "plain": None}),
        (Any, Nested(), {"spelled": SPELLED, "plain": None}),
        (Constant, Constant(), {"number": None}),
        (Any, [Constant()], [{"number": None}]),
    ],
    ids=str,
)
async def test_numbers_that_json_does_not_have_are_null_or_what_the_model_says(
    annotation: Any, result: Any, sent: Any
) -> None:
    for options in ({}, {"response_class": JSONResponse}, {"response_class": type("Own", (JSONResponse,), {})}):
        assert (await response_of(annotation, result, **options)).json == sent


async def test_a_stream_says_numbers_as_the_model_does() -> None:
    async def endpoint() -> AsyncIterator[Spelled]:
        yield Spelled()

    assert (await fetch(app_of(endpoint), "GET /")).json == SPELLED


# -- statuses in the type ----------------------------------------------------------------------------------------------


class OutOfStock(Problem, status=409):
    left: int


class Teapot(Outcome[T]):
    __slots__ = ()
    status_code = 418


@pytest.mark.parametrize(
    ("result", "status", "body"),
    [
        (Created(Item(name="n"), headers={"Location": "/1"}), 201, {"name": "n"}),
        (Accepted("later"), 202, "later"),
        (Teapot(1), 418, 1),
        (NoContent(), 204, None),
        (Item(name="n"), 200, {"name": "n"}),
    ],
)
async def test_the_class_of_the_result_is_its_status(result: Any, status: int, body: Any) -> None:
    annotation = Created[Item] | Accepted[str] | Teapot[int] | NoContent | Item | OutOfStock
    response = await response_of(annotation, result)
    assert response.status == status
    assert (response.json if response.body else None) == body
    assert response["location"] == ("/1" if status == 201 else None)


async def test_a_problem_of_the_type_is_returned_or_raised_with_its_members() -> None:
    async def endpoint(how: str) -> Created[Item] | OutOfStock:
        if how == "raise":
            raise OutOfStock(left=2)
        return OutOfStock(left=2)

    for how in ("raise", "return"):
        response = await fetch(app_of(endpoint), f"GET /?how={how}")
        assert (response.status, response["content-type"]) == (409, "application/problem+json")
        assert response.json == {
            "type": "urn:problem-type:out-of-stock",
            "title": "Out of stock",
            "status": 409,
            "detail": "Out of stock",
            "left": 2,
        }


def test_problems_of_dependencies_are_responses_of_the_operations_that_use_them() -> None:
    async def stock() -> Annotated[int, Raises(OutOfStock)]:
        return 1

    async def endpoint(stock: Annotated[int, Depends(stock)]) -> Item | None: ...

    assert "409 problem OutOfStock" in app_of(endpoint).explain("GET /")


def test_raises_takes_problems_only() -> None:
    with pytest.raises(TypeError, match="takes subclasses of `Problem`"):
        Raises(KeyError)  # type: ignore[arg-type]  # the error under test


# -- the injected response, tasks --------------------------------------------------------------------------------------


async def test_handler_and_dependencies_write_into_one_response() -> None:
    async def dependency(response: Response) -> None:
        response.headers["x-a"] = "1"
        response.set_cookie("a", "1")
        response.status_code = 202

    def endpoint(response: Response, needed: Annotated[None, Depends(dependency)]) -> Item:
        response.headers.append("x-a", "2")
        response.set_cookie("b", "2")
        return Item(name="n")

    reply = await fetch(app_of(endpoint), "GET /")
    assert (reply.status, reply.json) == (202, {"name": "n"})
    assert reply.all("x-a") == ["1", "2"]
    assert [each.partition(";")[0] for each in reply.all("set-cookie")] == ["a=1", "b=2"]


async def test_a_response_that_is_kept_and_returned_again_stays_as_it_is() -> None:
    kept = PlainTextResponse("kept")
    ran: list[int] = []

    async def endpoint(response: Response, tasks: BackgroundTasks, n: int) -> Response:
        response.headers["x-n"] = str(n)
        tasks.add_task(ran.append, n)
        return kept

    app = app_of(endpoint)
    for n in (1, 2):
        reply = await fetch(app, f"GET /?n={n}")
        assert (reply.body, reply["x-n"]) == (b"kept", None)
    assert ran == [1, 2]


async def test_a_returned_responses_own_task_runs_and_the_others_too() -> None:
    ran: list[str] = []

    async def endpoint(tasks: BackgroundTasks) -> Response:
        tasks.add_task(ran.append, "injected")
        return PlainTextResponse("a", background=BackgroundTask(ran.append, "own"))

    await fetch(app_of(endpoint), "GET /")
    assert ran == ["own", "injected"]


def test_a_union_of_a_response_and_values_is_rejected() -> None:
    async def endpoint() -> Item | Response: ...  # type: ignore[empty-body]  # its annotation is the matter

    with pytest.raises(SignatureError):
        App().get("/")(endpoint)
    App().get("/", response_model=None)(endpoint)


async def test_a_model_does_not_leak_where_plain_values_are_declared() -> None:
    class Secret(BaseModel):
        password: str = "secret"

    def number() -> int:
        return Secret()  # type: ignore[return-value]  # the error

    def numbers() -> dict[str, int]:
        return {"n": Secret()}  # type: ignore[dict-item]  # the error

    for endpoint in (number, numbers):
        with pytest.raises(ResponseValidationError):
            await fetch(app_of(endpoint), "GET /")


@pytest.mark.parametrize(
    ("annotation", "value", "body"),
    [
        (int, "x", None),
        (bool, None, None),
        (dict[str, int], {"a": "z"}, None),
        (list[int], ["a"], None),
        (dict[str, Any], [1], None),
        (dict[str, Any] | None, None, b"null"),
        (dict[str, int | None], {"a": None}, b'{"a":null}'),
        (dict[str, float], {"a": 1}, b'{"a":1.0}'),
        (dict[int, str], {1: "a"}, b'{"1":"a"}'),
        (list[str], ("a", "b"), b'["a","b"]'),
        (dict[str, list[int]], {"a": [1]}, b'{"a":[1]}'),
    ],
)
async def test_plain_results_are_held_to_what_is_declared(annotation: Any, value: Any, body: bytes | None) -> None:
    def endpoint() -> annotation:
        return value

    app = app_of(endpoint)
    if body is None:
        with pytest.raises(ResponseValidationError):
            await fetch(app, "GET /")
    else:
        assert (await fetch(app, "GET /")).body == body


@pytest.mark.parametrize("cls", [bytearray, memoryview])
@pytest.mark.parametrize(
    ("wrap", "options"),
    [
        (lambda cls: cls, {"response_class": JSONResponse}),
        (lambda cls: cls, {"response_class": type("Hal", (JSONResponse,), {"media_type": "application/hal+json"})}),
        (lambda cls: Created[cls], {}),
    ],
    ids=["a class", "a subclass", "an outcome"],
)
def test_bytes_that_have_no_json_are_rejected_where_they_would_be_json(cls: Any, wrap: Any, options: Any) -> None:
    async def endpoint() -> Any: ...

    endpoint.__annotations__["return"] = wrap(cls)
    with pytest.raises(SignatureError, match="is not JSON-serializable"):
        app_of(endpoint, **options)


async def test_bytes_that_are_no_text_are_no_json() -> None:
    async def endpoint() -> bytes:
        return b"\xff"

    with pytest.raises(ResponseValidationError, match="invalid utf-8"):
        await fetch(app_of(endpoint, response_class=JSONResponse), "GET /")
    assert (await fetch(app_of(endpoint), "GET /")).body == b"\xff"


@pytest.mark.parametrize("options", [{}, {"response_class": JSONResponse}, {"response_class": HTMLResponse}], ids=str)
@pytest.mark.parametrize("status", [204, 304])
async def test_a_status_without_a_body_goes_with_each_response_class(status: int, options: dict[str, Any]) -> None:
    async def nothing() -> None: ...

    app = App(default_response_class=options.get("response_class"))
    app.delete("/default", status_code=status)(nothing)
    app.delete("/", status_code=status, **options)(nothing)
    for path in ("/default", "/"):
        response = await fetch(app, f"DELETE {path}")
        assert (response.status, response.body, response["content-type"]) == (status, b"", None)
    assert "content" not in app.openapi()["paths"]["/"]["delete"]["responses"][str(status)]

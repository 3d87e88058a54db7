"""Custom sources: objects with methods that the binder calls."""

import pickle
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs

import cloudpickle
import pytest
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

from signette.app import App
from signette.declarative.checks.sources import all_sources
from signette.declarative.errors.base import SignatureError
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.plan.steps import Plan
from signette.declarative.routing.router import Router
from signette.declarative.signature.marker_functions import Depends, Security
from signette.declarative.signature.markers import MISSING, Header, Marker, Query
from signette.declarative.signature.model import Parameter
from signette.declarative.sources.cookie import COOKIE
from signette.declarative.sources.form import FORM
from signette.declarative.sources.header import HEADER
from signette.declarative.sources.injected import REQUEST
from signette.declarative.sources.query import QUERY
from signette.declarative.sources.source import Phase, Source
from signette.declarative.sources.table import SOURCES
from signette.exceptions import HTTPException
from signette.requests import Request
from signette.testclient.client import TestClient
from signette.websockets import WebSocket
from tests.asgi import URLENCODED, fetch
from tests.declarative.oracle import Rejection, interpret

pytestmark = pytest.mark.either_loop


class Matrix(Marker):
    """The value is a matrix parameter of the path: `/x;a=1;a=2`."""


class MatrixParameters(Source):
    """What is behind the first `;` of the path, by name."""

    place = "matrix"
    marker = Matrix

    def open(self, scope: Any) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for pair in scope["query_string"].decode().split(";"):
            name, _, value = pair.partition("=")
            if name:
                found.setdefault(name, []).append(value)
        return found

    def get(self, opened: dict[str, list[str]], key: str) -> Any:
        return opened[key][-1] if key in opened else MISSING

    def getlist(self, opened: dict[str, list[str]], key: str) -> Any:
        return opened.get(key, MISSING)

    def names(self, opened: dict[str, list[str]]) -> Iterable[str]:
        return opened


class Dashed(MatrixParameters):
    """With its own names and empty values, opened asynchronously, and closed."""

    place = "dashed"

    def __init__(self) -> None:
        self.closed: list[Any] = []

    async def open(self, scope: Any) -> dict[str, list[str]]:
        return super().open(scope)

    def wire_name(self, name: str, marker: Marker | None) -> str:
        return name.replace("_", "-")

    def is_empty(self, value: Any) -> bool:
        return value in ("", "-")

    async def close(self, opened: Any) -> None:
        self.closed.append(opened)


each_kind = pytest.mark.parametrize("source", [MatrixParameters(), Dashed()], ids=["sync", "async"])


def app_with(source: Source, endpoint: Any, method: str = "GET") -> App:
    app = App(sources=[source])
    app.add_api_route("/", endpoint, [method])
    return app


# -- values ------------------------------------------------------------------------------------------------------------


@each_kind
async def test_a_scalar_is_read_checked_and_rejected_like_the_others(source: Source) -> None:
    async def endpoint(n: Annotated[int, Matrix(ge=1)], text: Annotated[str, Matrix()] = "none") -> str:
        return f"{n} {text}"

    app = app_with(source, endpoint)
    assert (await fetch(app, "GET /?n=3;text=a")).body == b"3 a"
    assert (await fetch(app, "GET /?n=3")).body == b"3 none"
    assert (await fetch(app, "GET /?text=a")).errors == [(source.place, "n", "missing")]
    assert (await fetch(app, "GET /?n=0")).errors == [(source.place, "n", "greater_than_equal")]


@each_kind
async def test_a_list_takes_all_values_of_a_key(source: Source) -> None:
    async def endpoint(
        n: Annotated[list[int], Matrix()], rest: Annotated[set[str] | None, Matrix()] = None
    ) -> list[int]:
        return [*n, len(rest or ())]

    app = app_with(source, endpoint)
    assert (await fetch(app, "GET /?n=3;n=4;rest=a;rest=a")).json == [3, 4, 1]
    assert (await fetch(app, "GET /?n=3;n=x")).errors == [(source.place, "n", "int_parsing")]
    assert (await fetch(app, "GET /")).errors == [(source.place, "n", "missing")]


@each_kind
async def test_an_alias_that_was_not_sent_falls_back_to_the_next(source: Source) -> None:
    async def endpoint(n: Annotated[int, Matrix(validation_alias=AliasChoices("first", "second"))] = 0) -> int:
        return n

    app = app_with(source, endpoint)
    assert (await fetch(app, "GET /?second=2")).json == 2
    assert (await fetch(app, "GET /?first=1;second=2")).json == 1
    assert (await fetch(app, "GET /?second=x")).errors == [(source.place, "second", "int_parsing")]


async def test_a_default_factory_makes_what_was_not_sent() -> None:
    made = iter(range(9))

    async def endpoint(n: Annotated[int, Matrix(default_factory=lambda: next(made))]) -> int:
        return n

    app = app_with(MatrixParameters(), endpoint)
    assert [(await fetch(app, target)).json for target in ("GET /", "GET /", "GET /?n=7")] == [0, 1, 7]


async def test_what_counts_as_empty_is_not_sent() -> None:
    async def endpoint(
        n: Annotated[int, Matrix(validation_alias=AliasChoices("a", "b"))] = 9, text: Annotated[str, Matrix()] = "none"
    ) -> str:
        return f"{n} {text}"

    app = app_with(Dashed(), endpoint)
    assert (await fetch(app, "GET /?a=-;text=")).body == b"9 none"
    assert (await fetch(app, "GET /?a=-;b=3")).body == b"3 none"


async def test_a_value_that_is_no_text_is_validated_for_a_text() -> None:
    class Numbers(MatrixParameters):
        def get(self, opened: Any, key: str) -> Any:
            return 3 if key in opened else MISSING

    async def endpoint(text: Annotated[str, Matrix()] = "none") -> str:
        return text

    app = app_with(Numbers(), endpoint)
    assert (await fetch(app, "GET /?text=3")).errors == [("matrix", "text", "string_type")]
    assert (await fetch(app, "GET /")).body == b"none"


# -- models ------------------------------------------------------------------------------------------------------------


class Paging(BaseModel):
    number: int = Field(1, ge=1)
    page_size: int = Field(10, alias="size")
    tags: list[str] = []


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int = 0


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int = 0


class Renamed(BaseModel):
    a: int = 1

    @model_validator(mode="before")
    @classmethod
    def old_name(cls, data: dict[str, Any]) -> dict[str, Any]:
        return {"a": data.get("old", data.get("a", 7))}


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    good: bool = True


@dataclass
class Window:
    left: int
    right: int = 9


@each_kind
async def test_a_model_is_spread_over_it(source: Source) -> None:
    async def endpoint(paging: Annotated[Paging, Matrix()]) -> Paging:
        return paging

    app = app_with(source, endpoint)
    assert (await fetch(app, "GET /?number=2;size=5;tags=a;tags=b")).json == {
        "number": 2, "size": 5, "tags": ["a", "b"],
    }  # fmt: skip
    assert (await fetch(app, "GET /?number=0;size=x")).errors == [
        (source.place, "number", "greater_than_equal"), (source.place, "size", "int_parsing"),
    ]  # fmt: skip


@each_kind
async def test_a_model_of_one_field_is_spread_over_it(source: Source) -> None:
    async def endpoint(paging: Annotated[Strict, Matrix()], window: Annotated[Window, Matrix()]) -> list[int]:
        return [paging.a, window.left, window.right]

    app = app_with(source, endpoint)
    assert (await fetch(app, "GET /?left=2")).json == [0, 2, 9]
    assert (await fetch(app, "GET /?left=x;a=y;z=1")).errors == [
        (source.place, "a", "int_parsing"),
        (source.place, "z", "extra_forbidden"),
        (source.place, "left", "int_parsing"),
    ]  # fmt: skip


@each_kind
async def test_a_model_keeps_the_names_that_no_other_parameter_reads(source: Source) -> None:
    async def endpoint(rest: Annotated[Loose, Matrix()], n: Annotated[int, Matrix()] = 0) -> dict[str, Any]:
        return rest.model_extra or {}

    app = app_with(source, endpoint)
    assert (await fetch(app, "GET /?n=1;a=2;b=3;c=4;c=5")).json == {"b": "3", "c": ["4", "5"]}


@each_kind
async def test_a_validator_before_the_model_sees_all_names(source: Source) -> None:
    async def endpoint(renamed: Annotated[Renamed, Matrix()]) -> int:
        return renamed.a

    app = app_with(source, endpoint)
    assert [(await fetch(app, f"GET /?{sent}")).json for sent in ("old=3", "a=4", "")] == [3, 4, 7]


@each_kind
async def test_a_union_of_models_is_the_one_that_was_sent(source: Source) -> None:
    async def endpoint(
        pet: Annotated[Cat | Dog, Matrix(discriminator="kind")], other: Annotated[Window | None, Matrix()] = None
    ) -> str:
        return f"{pet!r} {other}"

    app = app_with(source, endpoint)
    assert (await fetch(app, "GET /?kind=cat;lives=3")).body == b"Cat(kind='cat', lives=3) None"
    assert (await fetch(app, "GET /?kind=dog;left=1")).body == (b"Dog(kind='dog', good=True) Window(left=1, right=9)")
    assert (await fetch(app, "GET /?kind=owl")).errors == [(source.place, "kind", "union_tag_invalid")]


def test_a_model_that_forbids_unknown_names_needs_a_source_that_lists_them() -> None:
    class Nameless(Source):
        place = "matrix"
        marker = Matrix

        def get(self, opened: Any, key: str) -> Any:
            return MISSING

    async def endpoint(model: Annotated[Strict, Matrix()]) -> None: ...

    with pytest.raises(
        SignatureError, match="`model: Strict` forbids or keeps unknown fields, but `Nameless` has no `names`"
    ):
        app_with(Nameless(), endpoint)


# -- two sources -------------------------------------------------------------------------------------------------------


class Upper(Marker):
    pass


class Lower(Marker):
    pass


class Cased(Source):
    """Two of these are alike but for what they do."""

    place = "cased"

    def __init__(self, marker: type[Marker], upper: bool) -> None:
        self.marker = marker
        self.upper = upper

    def open(self, scope: Any) -> dict[str, str]:
        text = scope["query_string"].decode()
        return {"text": text.upper() if self.upper else text.lower()}

    def get(self, opened: dict[str, str], key: str) -> Any:
        return opened[key]


async def test_sources_that_are_alike_in_all_but_their_methods_do_not_mix() -> None:
    app = App(sources=[Cased(Upper, True), Cased(Lower, False)])

    @app.get("/")
    async def endpoint(
        upper: Annotated[str, Upper(alias="text")], lower: Annotated[str, Lower(alias="text")]
    ) -> list[str]:
        return [upper, lower]

    assert (await fetch(app, "GET /?aB")).json == ["AB", "ab"]


async def test_sources_that_share_a_marker_are_distinguished_by_what_they_accept() -> None:
    class Numbers(MatrixParameters):
        def accepts(self, parameter: Parameter) -> bool:
            return parameter.annotation is int

        def get(self, opened: Any, key: str) -> Any:
            return len(opened[key])

    app = App(sources=[Numbers(), MatrixParameters()])

    @app.get("/")
    async def endpoint(count: Annotated[int, Matrix(alias="a")], text: Annotated[str, Matrix(alias="a")]) -> list[Any]:
        return [count, text]

    assert (await fetch(app, "GET /?a=x;a=y")).json == [2, "y"]


@pytest.mark.parametrize(
    "word", ["errors", "raw", "key", "result", "body", "query", "headers", "scope", "send", "none", "1st"]
)
async def test_no_name_of_a_source_clashes_with_those_of_the_binder(word: str) -> None:
    class Word(Marker):
        pass

    class Words(MatrixParameters):
        place = word
        marker = Word

    async def dependency(query: Annotated[str, Header()] = "none") -> str:
        return query

    async def endpoint(
        headers: Annotated[str, Depends(dependency)],
        errors: Annotated[int, Word(alias=word)],
        raw: Annotated[Paging, Word()],
        result: Annotated[str, Query(alias="q")] = "q",
    ) -> list[Any]:
        return [headers, errors, raw.number, result]

    app = app_with(Words(), endpoint)
    assert (await fetch(app, f"GET /?{word}=1;number=2")).json == ["none", 1, 2, "q"]
    assert (await fetch(app, f"GET /?{word}=x")).errors == [(word, word, "int_parsing")]


async def test_a_source_may_replace_a_built_in_marker() -> None:
    class Semicolons(MatrixParameters):
        place = "query"
        marker = Query

    async def endpoint(a: Annotated[int, Query()], b: int = 0) -> list[int]:
        return [a, b]

    app = app_with(Semicolons(), endpoint)
    assert (await fetch(app, "GET /?a=1;b=2")).json == [1, 0]


# -- built on others ---------------------------------------------------------------------------------------------------


class Signed(Marker):
    pass


class SignedCookies(Source):
    """Built on cookies, on headers and on a source of the application's own."""

    place = "signed"
    marker = Signed
    after = (MatrixParameters(), COOKIE, HEADER, QUERY)

    def open(self, scope: Any, matrix: Any, cookies: Any, headers: Any, query: Any) -> dict[str, str]:
        return {
            "matrix": str(sorted(matrix)), "cookie": cookies.get("a", ""), "header": headers[b"x-a"].decode(),
            "query": query["a"],
        }  # fmt: skip

    def get(self, opened: dict[str, str], key: str) -> Any:
        return opened.get(key, MISSING)


async def test_a_source_is_given_what_those_before_it_opened() -> None:
    opened = 0

    class Counted(MatrixParameters):
        def open(self, scope: Any) -> dict[str, list[str]]:
            nonlocal opened
            opened += 1
            return super().open(scope)

    class OnCounted(SignedCookies):
        after = (Counted(), COOKIE, HEADER, QUERY)

    app = App(sources=[OnCounted(), Counted()])

    @app.get("/")
    async def endpoint(
        matrix: Annotated[str, Signed()],
        cookie: Annotated[str, Signed()],
        header: Annotated[str, Signed()],
        query: Annotated[str, Signed()],
        a: Annotated[str, Matrix()],
    ) -> list[str]:
        return [matrix, cookie, header, query, a]

    response = await fetch(app, "GET /?a=3", headers={"cookie": "a=1", "x-a": "2"})
    assert response.json == ["['a']", "1", "2", "3", "3"]
    assert opened == 1


class Lines(Marker):
    pass


class BodyLines(Source):
    """The lines of the body, by number."""

    place = "line"
    marker = Lines
    phase = Phase.BODY
    after = (REQUEST,)
    error_statuses = (413, 415)

    async def open(self, scope: Any, request: Request) -> list[bytes]:
        if request.headers.get("content-type") != "text/plain":
            raise HTTPException(415)
        return (await request.body()).split(b"\n")

    def get(self, lines: list[bytes], key: str) -> Any:
        return lines[int(key)].decode() if int(key) < len(lines) else MISSING


async def test_a_source_reads_the_body_after_the_guards_and_shares_it_with_the_request() -> None:
    async def guard(token: Annotated[str, Header()]) -> None:
        if token != "right":
            raise HTTPException(401)

    app = App(sources=[BodyLines()])

    @app.post("/", dependencies=[Security(guard)])
    async def endpoint(request: Request, first: Annotated[int, Lines(alias="0")]) -> str:
        return f"{first} {len(await request.body())}"

    text = {"content-type": "text/plain"}
    assert (await fetch(app, "POST /", b"12\nb", text | {"token": "right"})).body == b"12 4"
    rejected = await fetch(app, "POST /", b"12\nb", text | {"token": "wrong"})
    assert (rejected.status, rejected.receives) == (401, 0)
    assert (await fetch(app, "POST /", b"x", text | {"token": "right"})).errors == [("line", "0", "int_parsing")]
    assert (await fetch(app, "POST /", b"12", {"token": "right"})).status == 415
    assert {"413", "415", "422"} <= app.openapi()["paths"]["/"]["post"]["responses"].keys()


async def test_a_body_that_is_larger_than_its_limit_is_rejected_in_a_source_too() -> None:
    app = App(sources=[BodyLines()], max_body_size=3)

    @app.post("/")
    async def endpoint(first: Annotated[int, Lines(alias="0")]) -> int:
        return first

    assert (await fetch(app, "POST /", b"1234", {"content-type": "text/plain"})).status == 413


async def test_a_source_over_a_form_may_be_next_to_fields_of_the_form() -> None:
    class FirstField(Source):
        place = "first"
        marker = Lines
        phase = Phase.BODY
        after = (FORM,)

        def open(self, scope: Any, form: dict[str, Any]) -> dict[str, Any]:
            return form

        def get(self, form: dict[str, Any], key: str) -> Any:
            return next(iter(form), MISSING)

    app = App(sources=[FirstField()])

    @app.post("/")
    async def endpoint(first: Annotated[str, Lines()], a: Annotated[int, FORM.marker()]) -> str:  # type: ignore[misc]
        return f"{first} {a}"

    assert (await fetch(app, "POST /", b"z=1&a=2", URLENCODED)).body == b"z 2"


def test_a_source_of_the_body_cannot_be_combined() -> None:
    app = App(sources=[BodyLines()])

    async def endpoint(first: Annotated[str, Lines()], body: dict[str, int]) -> None: ...

    with pytest.raises(SignatureError, match="read the body in different formats"):
        app.post("/")(endpoint)


# -- without validation, and as JSON -----------------------------------------------------------------------------------


class State(Marker):
    pass


class StateValues(Source):
    """Objects that a middleware left in the scope."""

    place = "state"
    marker = State
    checks = "never"

    def get(self, scope: Any, key: str) -> Any:
        return scope.get("test.state", {}).get(key, MISSING)


async def test_a_value_that_needs_no_validation_is_handed_over_as_it_is() -> None:
    here = object()

    async def endpoint(here: Annotated[object, State()]) -> bool:
        return here is found

    found = here
    app = app_with(StateValues(), endpoint)

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "test.state": {"here": here}}, receive, send)

    assert (await fetch(outer, "GET /")).json is True


async def test_a_missing_value_that_needs_no_validation_is_a_validation_error() -> None:
    async def endpoint(
        here: Annotated[object, State()],
        there: Annotated[int, State()] = 3,
        made: Annotated[int, State(default_factory=lambda: 4)] = ...,  # type: ignore[assignment]
    ) -> int:
        return there + made

    app = app_with(StateValues(), endpoint)
    assert (await fetch(app, "GET /")).errors == [("state", "here", "missing")]
    assert app.openapi()["paths"]["/"]["get"]["responses"].keys() >= {"200", "422"}

    async def optional(there: Annotated[int, State()] = 3) -> int:
        return there

    assert (await fetch(app_with(StateValues(), optional), "GET /")).json == 3


async def test_a_source_of_json_is_validated_from_its_text() -> None:
    class Packed(MatrixParameters):
        checks = "json"

    async def endpoint(window: Annotated[Window, Matrix()], ids: Annotated[list[int] | None, Matrix()] = None) -> str:
        return f"{window.left} {ids}"

    app = app_with(Packed(), endpoint)
    assert (await fetch(app, 'GET /?window={"left":1};ids=[1,2]')).body == b"1 [1, 2]"
    assert (await fetch(app, 'GET /?window={"left":"x"}')).errors == [("matrix", "window", "int_parsing")]
    assert (await fetch(app, "GET /?window={")).errors == [("matrix", "window", "json_invalid")]


# -- claims ------------------------------------------------------------------------------------------------------------


class Clock:
    def __init__(self, now: str) -> None:
        self.now = now


class Clocks(Source):
    """Gives a clock to parameters that name its class."""

    place = "clock"
    checks = "never"

    def claims(self, parameter: Parameter) -> bool:
        return parameter.annotation is Clock

    def get(self, scope: Any, key: str) -> Any:
        return Clock(scope["query_string"].decode())


@pytest.mark.parametrize(
    "given", [[Clocks()], (*SOURCES, Clocks()), (Clocks(), *SOURCES)], ids=["alone", "behind", "before"]
)
async def test_a_parameter_without_a_marker_is_claimed_before_the_built_in_sources(given: Any) -> None:
    app = App(sources=given)

    @app.get("/")
    async def endpoint(clock: Clock, n: Annotated[int, Query()] = 1, request: Request | None = None) -> str:
        return f"{clock.now} {n} {request is None}"

    assert (await fetch(app, "GET /?n=2")).body == b"n=2 2 False"


# -- lives -------------------------------------------------------------------------------------------------------------


async def test_open_resources_are_closed_in_reverse_order_even_after_an_error() -> None:
    events: list[str] = []

    class Closing(MatrixParameters):
        def __init__(self, word: str, marker: type[Marker], before: tuple[Source, ...] = ()) -> None:
            self.place = word
            self.marker = marker
            self.after = before

        def open(self, scope: Any, *opened: Any) -> dict[str, list[str]]:
            if f"break={self.place}" in scope["query_string"].decode():
                raise HTTPException(400)
            return super().open(scope)

        def close(self, opened: Any) -> None:
            events.append(f"closed {self.place}")
            if "fail" in opened:
                raise ZeroDivisionError

    class AsyncClosing(Closing):
        async def close(self, opened: Any) -> None:  # type: ignore[override]
            super().close(opened)

    first = Closing("first", Upper)
    app = App(sources=[AsyncClosing("second", Lower, (first,)), first])

    async def dependency() -> AsyncIterator[None]:
        yield
        events.append("left")

    @app.get("/", dependencies=[Depends(dependency)])
    async def endpoint(n: Annotated[int, Lower()]) -> int:
        if n == 0:
            raise HTTPException(409)
        return n

    async def after(target: str) -> tuple[int, list[str]]:
        events.clear()
        return (await fetch(app, f"GET /?{target}")).status, list(events)

    both = ["closed second", "closed first"]
    assert await after("n=1") == (200, ["left", *both])
    assert await after("n=0") == (409, both)
    assert await after("n=x") == (422, both)
    assert await after("n=1;break=second") == (400, ["closed first"])
    assert await after("n=1;break=first") == (400, [])
    with pytest.raises(ZeroDivisionError):
        await after("n=1;fail=1")
    assert events == ["left", *both]


async def test_nothing_is_opened_for_a_route_that_reads_nothing_of_it() -> None:
    class Never(MatrixParameters):
        def open(self, scope: Any) -> Any:
            raise AssertionError

    async def endpoint(n: int = 1) -> int:
        return n

    app = app_with(Never(), endpoint)
    assert (await fetch(app, "GET /?n=2")).json == 2
    assert "matrix" not in app.explain("GET /", source=True)


async def test_a_router_has_its_own_sources() -> None:
    router = Router(prefix="/in", sources=[MatrixParameters()])

    @router.get("/")
    async def endpoint(n: Annotated[int, Matrix()]) -> int:
        return n

    app = App()
    app.include_router(router)
    assert (await fetch(app, "GET /in/?n=2")).json == 2


async def test_an_application_with_custom_sources_survives_pickling() -> None:
    async def endpoint(n: Annotated[int, Matrix()], signed: Annotated[str, Signed(alias="query")] = "") -> str:
        return f"{n} {signed}"

    app = App(sources=[MatrixParameters(), SignedCookies()])
    app.add_api_route("/", endpoint)
    again = pickle.loads(cloudpickle.dumps(app))
    assert (await fetch(again, "GET /?n=2;&a=3", headers={"x-a": "1"})).body == b"2 3"
    assert (await fetch(again, "GET /?n=x;&a=3", headers={"x-a": "1"})).errors == [("matrix", "n", "int_parsing")]


def test_sources_are_equal_by_class_and_attributes() -> None:
    assert MatrixParameters() == pickle.loads(pickle.dumps(MatrixParameters()))
    assert Cased(Upper, True) == Cased(Upper, True)
    assert Cased(Upper, True) != Cased(Upper, False)
    assert MatrixParameters() != Dashed()
    assert {MatrixParameters(): 1}[MatrixParameters()] == 1


# -- what is reported of them ------------------------------------------------------------------------------------------


def test_it_is_explained() -> None:
    async def endpoint(n: Annotated[int, Matrix()], paging: Annotated[Paging, Matrix()]) -> int:
        return n

    text = app_with(Dashed(), endpoint).explain("GET /", source=True)
    assert '  read     n      dashed "n": int\n' in text
    assert "  model    paging dashed (number, size, tags): Paging\n" in text
    assert "    c_dashed = await s_dashed.open(scope)  # dashed\n" in text
    assert "    v_n = s_dashed.get(c_dashed, 'n')  # dashed 'n'\n" in text


class OfQuery(Marker):
    pass


class QueryAgain(MatrixParameters):
    """The query, read in another way."""

    place = "query"
    marker = OfQuery

    def open(self, scope: Any) -> dict[str, list[str]]:
        return parse_qs(scope["query_string"].decode())


async def test_a_name_that_it_reads_from_the_query_is_known() -> None:
    app = App(sources=[QueryAgain()], unknown_query_params="forbid")

    @app.get("/")
    async def endpoint(a: Annotated[int, OfQuery()], b: int = 0) -> list[int]:
        return [a, b]

    assert (await fetch(app, "GET /?a=1&b=2")).json == [1, 2]
    assert (await fetch(app, "GET /?a=1&c=2")).errors == [("query", "c", "extra_forbidden")]


async def test_a_model_next_to_it_does_not_see_the_names_that_it_reads() -> None:
    app = App(sources=[QueryAgain()])

    @app.get("/")
    async def endpoint(n: Annotated[int, OfQuery()], strict: Annotated[Strict, Query()]) -> list[int]:
        return [n, strict.a]

    @app.get("/other")
    async def other(n: Annotated[int, Query()], strict: Annotated[Strict, OfQuery()]) -> list[int]:
        return [n, strict.a]

    for path in ("/", "/other"):
        assert (await fetch(app, f"GET {path}?n=1&a=2")).json == [1, 2]
        assert (await fetch(app, f"GET {path}?n=1&z=2")).errors == [("query", "z", "extra_forbidden")]


def test_a_socket_reads_from_it_too() -> None:
    app = App(sources=[Dashed()])

    @app.websocket("/")
    async def endpoint(socket: WebSocket, n: Annotated[int, Matrix()]) -> None:
        await socket.accept()
        await socket.send_text(str(n))
        await socket.close()

    with TestClient(app).websocket_connect("/?n=3") as socket:
        assert socket.receive_text() == "3"


def test_it_is_in_the_document_where_openapi_has_its_place() -> None:
    class Semicolons(MatrixParameters):
        place = "query"

    async def endpoint(n: Annotated[int, Matrix(description="How many")]) -> int:
        return n

    (result,) = app_with(Semicolons(), endpoint).openapi()["paths"]["/"]["get"]["parameters"]
    assert result == {
        "name": "n", "in": "query", "required": True, "description": "How many",
        "schema": {"type": "integer"},
    }  # fmt: skip
    assert "parameters" not in app_with(MatrixParameters(), endpoint).openapi()["paths"]["/"]["get"]


# -- binder and interpreter --------------------------------------------------------------------------------------------


def every_shape() -> list[Any]:
    async def scalars(n: Annotated[int, Matrix()], text: Annotated[str, Matrix()] = "none") -> Any:
        return {"got": [n, text]}

    async def lists(n: Annotated[list[int], Matrix()], m: Annotated[list[str] | None, Matrix()] = None) -> Any:
        return {"got": [n, m]}

    async def models(paging: Annotated[Paging, Matrix()], strict: Annotated[Strict | None, Matrix()] = None) -> Any:
        return {"got": [repr(paging), repr(strict)]}

    async def loose(loose: Annotated[Loose, Matrix()], n: Annotated[int, Matrix()] = 1) -> Any:
        return {"got": [repr(loose), n]}

    async def aliased(n: Annotated[int, Matrix(validation_alias=AliasChoices("a", "n"))] = 3) -> Any:
        return {"got": n}

    return [scalars, lists, models, loose, aliased]


SENT = [
    "",
    "n=1",
    "n=x",
    "n=1;n=2",
    "n=;n=-;text=-",
    "a=1;n=2",
    "a=-;n=2",
    "number=0;size=2;a=x",
    "tags=a;tags=b;z=1;z=2",
]


@each_kind
@pytest.mark.parametrize("endpoint", every_shape(), ids=lambda each: each.__name__)
@pytest.mark.parametrize("sent", SENT)
async def test_binder_and_interpreter_agree(source: Source, endpoint: Any, sent: str) -> None:
    response = await fetch(app_with(source, endpoint), f"GET /?{sent}")
    plan = plan_endpoint(Endpoint(endpoint, "/", ("GET",), sources=all_sources([source], endpoint)))
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": sent.encode(), "headers": []}
    assert await interpreted(plan, scope) == (response.status, response.json.get("errors", response.json))


async def interpreted(plan: Plan, scope: dict[str, Any]) -> tuple[int, Any]:
    """The status and the result, or the errors, that the interpreter comes to."""
    try:
        return 200, (await interpret(plan, scope, b"", (), lambda *_: None)).result
    except Rejection as refusal:
        return 422, refusal.entries

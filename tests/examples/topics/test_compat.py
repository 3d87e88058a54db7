"""`FastAPIErrors`: what clients of a FastAPI application get for bad requests, they get from an `App`, too."""

import dataclasses
import enum
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import fastapi
import fastapi.exceptions
import fastapi.responses
import fastapi.testclient
import pytest
import starlette.exceptions
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

import signette
import signette.exceptions
import signette.responses
import signette.testclient
from signette.compat import FastAPIErrors, fastapi_operation_id
from signette.declarative.errors.base import SignatureError
from signette.declarative.openapi.document import openapi_document
from signette.exception_handlers import request_validation_exception_handler
from signette.problems import MAX_ERROR_BYTES
from tests.examples.ported.forms import load
from tests.examples.topics.asking import Asked, get, post
from tests.examples.topics.asks import ASKS
from tests.examples.topics.test_topics import TEXTS, made


class Colour(enum.Enum):
    RED = "red"


class Sub(BaseModel):
    x: int
    tags: list[str] = []


class A(BaseModel):
    kind: Literal["a"]
    value: int


class B(BaseModel):
    kind: Literal["b"]
    value: list[int]


@dataclasses.dataclass
class Data:
    n: int


class Item(BaseModel, extra="forbid"):
    name: str = Field(min_length=2)
    price: float = Field(gt=0)
    subs: list[Sub] = []
    colour: Colour = Colour.RED
    at: datetime | None = None
    id: UUID | None = None
    numbers: dict[str, int] = {}
    either: int | list[str] = 1
    tagged: Annotated[A | B, Field(discriminator="kind")] | None = None
    unique: set[int] = set()
    pair: tuple[int, str] | None = None
    data: Data | None = None
    exact: Decimal = Field(Decimal(1), max_digits=3)
    word: str = Field("a", pattern="^a")
    letter: Literal["x", "y"] = "x"
    nothing: None = None


class Checked(BaseModel):
    a: int

    @field_validator("a")
    def positive(cls, value: int) -> int:  # noqa: N805
        if value < 0:
            raise ValueError("must be positive")
        return value

    @model_validator(mode="after")
    def not_five(self) -> "Checked":
        assert self.a != 5, "five"
        return self


class Fields(BaseModel):
    n: int
    tags: list[int] = []
    dashed: int = Field(1, alias="a-l")


class Strict(Fields, extra="forbid"):
    pass


def declare(app: Any, of: Any) -> None:  # noqa: C901 - a list of endpoints
    """The same endpoints on both sides. `None` as an annotation of the result has another status here."""

    @app.post("/item")
    def item(item: Item): ...  # type: ignore[no-untyped-def]

    @app.post("/two")
    def two(a: Sub, b: Sub): ...  # type: ignore[no-untyped-def]

    @app.post("/embedded")
    def embedded(a: Annotated[Sub, of.Body(embed=True)]): ...  # type: ignore[no-untyped-def]

    @app.post("/list")
    def items(a: list[Sub]): ...  # type: ignore[no-untyped-def]

    @app.post("/optional")
    def optional(a: Sub | None = None): ...  # type: ignore[no-untyped-def]

    @app.post("/checked")
    def checked(a: Checked): ...  # type: ignore[no-untyped-def]

    @app.post("/union")
    def union(v: Annotated[A | B, of.Body(discriminator="kind")]): ...  # type: ignore[no-untyped-def]

    @app.get("/query")
    def query(  # type: ignore[no-untyped-def]
        n: int,
        m: Annotated[list[int], of.Query()] = [],  # noqa: B006
        colour: Colour = Colour.RED,
        flag: bool = False,
        day: date | None = None,
        text: Annotated[str, of.Query(min_length=2, pattern="^a", alias="a-text")] = "ab",
    ): ...

    @app.get("/model")
    def model(p: Annotated[Strict, of.Query()]): ...  # type: ignore[no-untyped-def]

    @app.get("/path/{n}/{colour}")
    def path(n: int, colour: Colour): ...  # type: ignore[no-untyped-def]

    @app.get("/text/{text}")
    def text(text: str): ...  # type: ignore[no-untyped-def]

    @app.get("/header")
    def header(x_n: Annotated[int, of.Header()], c: Annotated[int, of.Cookie()] = 1): ...  # type: ignore[no-untyped-def]

    @app.post("/form")
    def form(n: Annotated[int, of.Form()], s: Annotated[str, of.Form(min_length=2)] = "ab"): ...  # type: ignore[no-untyped-def]

    @app.post("/form-model")
    def form_model(p: Annotated[Fields, of.Form()]): ...  # type: ignore[no-untyped-def]

    @app.post("/form-union")
    def form_union(v: Annotated[A | B, of.Form(discriminator="kind")]): ...  # type: ignore[no-untyped-def]

    @app.post("/file")
    def file(file: of.UploadFile): ...  # type: ignore[no-untyped-def]

    @app.get("/raised")
    def raised():  # type: ignore[no-untyped-def]
        try:
            Item.model_validate({"name": "x", "price": "secret"})
        except ValidationError as exc:
            raise of.exceptions.RequestValidationError(exc.errors(), body={"a": 1}) from exc

    @app.get("/located")
    def located():  # type: ignore[no-untyped-def]
        entry = {"type": "taken", "loc": ("query", "names", 0), "msg": "This name is taken", "input": "secret"}
        raise of.exceptions.RequestValidationError([entry])

    for name, detail in {"text": "Gone", "object": {"left": 1}, "list": [1, "b"], "number": 3, "none": None}.items():
        app.get(f"/raise/{name}")(_raising(of.HTTPException(409, detail, headers={"x-left": "1"})))

    @app.get("/broken")
    def broken():  # type: ignore[no-untyped-def]
        raise RuntimeError("secret")


def _raising(error: Exception) -> Any:
    def endpoint():  # type: ignore[no-untyped-def]
        raise error

    return endpoint


@pytest.fixture(scope="module")
def clients() -> list[Any]:
    """FastAPI, an `App` that keeps values to itself, and one that sends them."""
    apps = (
        fastapi.FastAPI(),
        signette.App(errors=FastAPIErrors()),
        signette.App(errors=FastAPIErrors(include_input=True)),
    )
    found = []
    for app, of in zip(apps, (fastapi, signette, signette), strict=True):
        declare(app, of)
        found.append(of.testclient.TestClient(app, raise_server_exceptions=False))
    return found


FULL = {"name": "ab", "price": 1}
BAD_ITEMS: list[Any] = [
    {}, [], None, "x", 3, {"name": "a", "price": 0}, {"name": None, "price": "nan"},
    *(FULL | bad for bad in (
        {"subs": [{"x": "a"}, {"tags": 3}, 4]}, {"subs": {}}, {"colour": "z"}, {"at": "x"}, {"at": []},
        {"numbers": {"a": "b"}}, {"numbers": []}, {"either": "q"}, {"either": {"a": 1}}, {"either": [1]},
        {"tagged": {"kind": "a", "value": "x"}}, {"tagged": {"kind": "b", "value": ["x", 1]}}, {"tagged": {}},
        {"unique": {}}, {"unique": ["a"]}, {"pair": [1]}, {"pair": 3}, {"data": {}}, {"data": 3}, {"exact": "12345"},
        {"exact": []}, {"word": "b"}, {"letter": "z"}, {"extra": 1}, {"nothing": 1}, {"price": [1], "name": 3},
    )),
]  # fmt: skip
REQUESTS: list[Asked] = [
    *(post("/item", 422, json=bad) for bad in BAD_ITEMS),
    post("/item", 422),
    *(post("/two", 422, json=bad) for bad in ({}, None, {"a": {}}, {"a": {"x": 1}, "b": {"x": "y"}}, {"a": 3})),
    *(post("/embedded", 422, json=bad) for bad in ({}, {"a": {}}, {"a": 3})),
    *(post("/list", 422, json=bad) for bad in ({}, None, [{"x": 1}, {"x": "q"}, 3])),
    *(post("/optional", 422, json=bad) for bad in ([], {}, "a")),
    *(post("/checked", 422, json=bad) for bad in ({"a": -1}, {"a": 5}, {"a": "x"}, {})),
    *(post("/union", 422, json=bad) for bad in ({}, {"kind": "a", "value": "x"}, {"kind": "b", "value": [1, "x"]})),
    *(
        get(f"/query{query}", 422)
        for query in ("", "?n=a", "?n=1&m=a&m=2", "?n=1&colour=z&flag=q&day=z&a-text=b", "?n=1.5&a-text=a")
    ),
    *(get(f"/model{query}", 422) for query in ("", "?n=a&tags=z&tags=1&a-l=q", "?n=1&more=3")),
    get("/path/a/z", 422),
    get("/path/1/z", 422),
    get("/header", 422),
    get("/header", 422, x_n="q", cookie="c=z"),
    *(post("/form", 422, data=data) for data in ({}, {"n": "a"}, {"n": "1", "s": "a"})),
    *(
        post("/form-model", 422, data=data)
        for data in ({}, {"n": "a"}, {"n": "1", "tags": ["a", "1", "b"], "a-l": "q"})
    ),
    *(
        post("/form-union", 422, data=data)
        for data in ({"value": "1"}, {"kind": "a", "value": "x"}, {"kind": "b", "value": ["1", "q"]})
    ),
    post("/file", 422),
    post("/file", 422, data={"file": "x"}),
    post("/file", 422, files={"other": b""}),
    get("/raised", 422),
    get("/located", 422),
    *(get(f"/raise/{name}", 409) for name in ("text", "object", "list", "number", "none")),
    get("/broken", 500),
    get("/nowhere", 404),
    post("/broken", 405),
]


def answered(client: Any, asked: Asked) -> tuple[Any, ...]:
    response = client.request(asked[1], asked[2], **asked[3])
    is_json = response.headers["content-type"] == "application/json"
    headers = {name: response.headers.get(name) for name in ("content-type", "x-left")}
    return response.status_code, headers, response.json() if is_json else response.text


def without(answer: tuple[Any, ...], *keys: str) -> tuple[Any, ...]:
    """A response without these keys of its entries."""
    status, headers, body = answer
    if isinstance(body, dict) and status == 422:
        body = {"detail": [{key: value for key, value in each.items() if key not in keys} for each in body["detail"]]}
    return status, headers, body


@pytest.mark.parametrize("asked", REQUESTS, ids=lambda asked: f"{asked[1]} {asked[2]} {asked[3]}")
def test_an_error_is_that_of_fastapi(asked: Asked, clients: list[Any]) -> None:
    theirs, ours, echoing = [answered(client, asked) for client in clients]
    assert theirs[0] == asked[0]
    assert ours == without(theirs, "input", "url")
    # Where one value is read as a member of another one, that is the input here.
    keys = ["url", *(["input"] if asked[2] in ("/two", "/embedded", "/form-model", "/form-union") else [])]
    assert without(echoing, *keys) == without(theirs, *keys)
    assert "secret" not in str(ours)


ECHOED = {
    "id": {"id": "zz-secret"},
    "tagged": {"tagged": {"kind": "secret"}},
}


@pytest.mark.parametrize("bad", ECHOED.values(), ids=ECHOED)
def test_a_message_that_contains_the_value_is_sent_on_demand_alone(bad: dict[str, Any], clients: list[Any]) -> None:
    theirs, ours, echoing = [answered(client, post("/item", json=FULL | bad)) for client in clients]
    assert echoing == theirs
    assert "secret" in str(theirs) or "`z`" in str(theirs)
    assert without(ours, "msg") == without(theirs, "msg", "input", "ctx")
    message = ours[2]["detail"][0]["msg"]
    assert "`z`" not in message
    assert "secret" not in message


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2000) | st.floats(-10, 10) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*Item.model_fields, "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)
NESTED = st.fixed_dictionaries(
    {}, optional={name: VALUES for name in Item.model_fields if name not in ("id", "tagged")}
)


def test_errors_of_bodies_are_alike(clients: list[Any]) -> None:
    @made(150)
    @given(body=NESTED | st.lists(VALUES, max_size=2), path=st.sampled_from(["/item", "/list", "/checked"]))
    def compare(body: Any, path: str) -> None:
        theirs, ours, echoing = [answered(client, post(path, json=body)) for client in clients]
        assert echoing == theirs
        assert ours == without(theirs, "input")

    compare()


def test_errors_of_forms_and_queries_are_alike(clients: list[Any]) -> None:
    names = st.sampled_from(["n", "m", "tags", "a-l", "s", "colour", "flag", "day", "a-text", "other"])
    targets = st.sampled_from(["/query", "/model", "/form", "/form-model"])

    @made(150)
    @given(pairs=st.lists(st.tuples(names, TEXTS), max_size=6), target=targets)
    def compare(pairs: list[tuple[str, str]], target: str) -> None:
        several: dict[str, list[str]] = {}
        for name, text in pairs:
            if not (target.startswith("/form") and text == "" and name in several):  # a row of the page
                several.setdefault(name, []).append(text)
        sent = post(target, data=several) if target.startswith("/form") else (200, "GET", target, {"params": pairs})
        theirs, ours, _ = [answered(client, sent) for client in clients]
        assert ours == without(theirs, "input")

    compare()


def handle_and_list(register: Any, of: Any, *, is_async: bool) -> None:
    """The exception handler of FastAPI's page on handling errors, for each way to register it."""
    error = of.exceptions.RequestValidationError

    def respond(exc: Any) -> Any:
        lines = [f"{each['loc']} {each['msg']} {each['type']}" for each in exc.errors()]
        return of.responses.JSONResponse({"lines": lines, "errors": exc.errors(), "body": exc.body}, 418)

    async def handle(_: Any, exc: Any) -> Any:
        return respond(exc)

    def handle_in_thread(_: Any, exc: Any) -> Any:
        return respond(exc)

    register(error, handle if is_async else handle_in_thread)


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.parametrize("way", ["decorator", "method", "argument"])
def test_an_exception_handler_gets_the_old_entries(way: str, is_async: bool) -> None:
    found = []
    for kind, of, options in (
        (fastapi.FastAPI, fastapi, {}),
        (signette.App, signette, {"errors": FastAPIErrors(include_input=True)}),
    ):
        handlers: dict[Any, Any] = {}
        handle_and_list(handlers.__setitem__, of, is_async=is_async)
        app: Any = kind(**options, **({"exception_handlers": handlers} if way == "argument" else {}))  # type: ignore[operator]
        for error, handler in handlers.items() if way != "argument" else ():
            app.exception_handler(error)(handler) if way == "decorator" else app.add_exception_handler(error, handler)
        declare(app, of)
        client = of.testclient.TestClient(app)
        asked = [post("/item", json={"name": 3, "subs": [{"x": "a"}]}), get("/query?n=x"), get("/located")]
        found.append([answered(client, each) for each in asked])
    assert found[0] == found[1]
    assert [status for status, _, _ in found[1]] == [418, 418, 418]


def test_a_handler_of_invalid_results_gets_the_old_entries() -> None:
    found = []
    for app, of in ((fastapi.FastAPI(), fastapi), (signette.App(errors=FastAPIErrors()), signette)):

        @app.exception_handler(of.exceptions.ResponseValidationError)  # type: ignore[attr-defined]
        async def handle(_: Any, exc: Any, of: Any = of) -> Any:
            return of.responses.JSONResponse({"detail": exc.errors()}, 422)

        @app.get("/item")
        def item() -> Sub:
            return {"tags": [3]}  # type: ignore[return-value]

        @app.get("/items")
        def items() -> list[Sub]:
            return [Sub(x=1), {"x": "a"}]  # type: ignore[list-item]

        @app.get("/number")
        def number() -> int:
            return "a"  # type: ignore[return-value]

        client = of.testclient.TestClient(app, raise_server_exceptions=False)  # type: ignore[attr-defined]
        found.append([without(answered(client, get(f"/{path}")), "input") for path in ("item", "items", "number")])
    assert found[0] == found[1]


def test_the_default_handlers_can_be_called_with_the_old_entries() -> None:
    app = signette.App(errors=FastAPIErrors())

    @app.exception_handler(signette.exceptions.RequestValidationError)
    async def handle(request: signette.Request, exc: signette.exceptions.RequestValidationError) -> signette.Response:
        assert exc.errors()[0]["loc"] == ("path", "n")  # type: ignore[typeddict-item]  # FastAPI's key
        return await request_validation_exception_handler(request, exc)

    @app.get("/{n}")
    def endpoint(n: int): ...  # type: ignore[no-untyped-def]

    (entry,) = signette.testclient.TestClient(app).get("/x").json()["detail"]
    assert entry["loc"] == ["path", "n"]


@pytest.mark.parametrize("errors", [None, FastAPIErrors()])
def test_a_handler_for_http_exceptions_gets_no_validation_errors(errors: Any) -> None:
    found = []
    for app, of in ((fastapi.FastAPI(), fastapi), (signette.App(errors=errors), signette)):
        error = starlette.exceptions.HTTPException if of is fastapi else signette.HTTPException

        @app.exception_handler(error)  # type: ignore[arg-type]
        async def handle(_: Any, exc: Any, of: Any = of) -> Any:
            return of.responses.JSONResponse({"error": exc.detail}, exc.status_code)

        @app.get("/{n}")
        def endpoint(n: int): ...  # type: ignore[no-untyped-def]

        client = of.testclient.TestClient(app)  # type: ignore[attr-defined]
        found.append([client.get(path).json() for path in ("/x", "/a/b")])
    assert found[0][1] == found[1][1] == {"error": "Not Found"}
    assert ("errors" in found[1][0]) == (errors is None)
    assert ("detail" in found[1][0]) == ("detail" in found[0][0])


@pytest.mark.parametrize("include_input", [False, True])
def test_errors_have_limits(include_input: bool) -> None:
    app = signette.App(errors=FastAPIErrors(include_input=include_input))

    @app.post("/")
    def endpoint(numbers: dict[str, int]): ...  # type: ignore[no-untyped-def]

    client = signette.testclient.TestClient(app)
    response = client.post("/", json={f"{n}" + "x" * 5000: "y" * 5000 for n in range(150)})
    assert response.status_code == 422
    assert len(response.content) <= MAX_ERROR_BYTES
    assert response.json()["detail"][0]["type"] == "int_parsing"


def test_a_typed_problem_keeps_its_members() -> None:
    class Sold(signette.Problem, status=409):
        """It is sold."""

        left: int

    app = signette.App(errors=FastAPIErrors())

    @app.get("/")
    def endpoint() -> int | Sold:
        return Sold(left=3)

    assert signette.testclient.TestClient(app).get("/").json() == {"detail": "It is sold.", "left": 3}
    schema = app.openapi()["components"]["schemas"]["Sold"]
    assert (list(schema["properties"]), schema["required"]) == (["detail", "left"], ["detail", "left"])


@pytest.mark.filterwarnings("ignore:Duplicate Operation ID")
@pytest.mark.parametrize("topic", [topic for topic in ASKS if topic != "otherwise"])
def test_the_document_has_the_errors_of_fastapi(topic: str) -> None:
    theirs, ours = [load(form, f"examples.ported.topics.{topic}").app for form in ("as_fastapi", "as_signette")]
    documents = [theirs.openapi(), openapi_document(ours.routes, ours.info, FastAPIErrors())]
    found = [
        {
            (path, method, status): response
            for path, item in document["paths"].items()
            for method, operation in item.items()
            for status, response in operation["responses"].items()
            if status.startswith(("4", "5", "d"))
        }
        for document in documents
    ]
    assert found[1] == found[0]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas = [document.get("components", {}).get("schemas", {}).get(name) for document in documents]
        assert schemas[0] == schemas[1]


def test_a_declared_422_stays_alone() -> None:
    found = []
    for app, of in ((fastapi.FastAPI(), fastapi), (signette.App(errors=FastAPIErrors()), signette)):

        @app.get("/a/{n}", responses={422: {"description": "mine"}})
        def one(n: int): ...  # type: ignore[no-untyped-def]

        @app.get("/b/{n}", responses={"4XX": {"description": "mine"}})
        def two(n: int): ...  # type: ignore[no-untyped-def]

        @app.get("/c")
        def three(hidden: Annotated[int, of.Query(include_in_schema=False)] = 1): ...  # type: ignore[no-untyped-def]

        paths = app.openapi()["paths"]
        found.append({path: sorted(item["get"]["responses"].keys() - {"200"}) for path, item in paths.items()})
    assert found[0] == found[1] == {"/a/{n}": ["422"], "/b/{n}": ["4XX"], "/c": ["422"]}


def test_operation_ids_are_those_of_fastapi() -> None:
    found = []
    for app in (fastapi.FastAPI(), signette.App(generate_unique_id_function=fastapi_operation_id)):

        @app.get("/")
        def root(): ...  # type: ignore[no-untyped-def]

        @app.post("/items/{item_id:path}/a-b", name="read it")
        def read_item(item_id: str): ...  # type: ignore[no-untyped-def]

        @app.get("/é/{x}")
        def read(x: str): ...  # type: ignore[no-untyped-def]

        paths = app.openapi()["paths"]
        found.append([operation["operationId"] for item in paths.values() for operation in item.values()])
    assert found[0] == found[1]


def test_an_input_that_has_no_json_is_null() -> None:
    app = signette.App(errors=FastAPIErrors(include_input=True))

    @app.post("/")
    def endpoint(file: Annotated[bytes, signette.File(max_length=2)]): ...  # type: ignore[no-untyped-def]

    response = signette.testclient.TestClient(app).post("/", files={"file": b"\xff\xfe\xfd"})
    (entry,) = response.json()["detail"]
    assert (response.status_code, entry["type"], entry["input"]) == (422, "bytes_too_long", None)


def test_an_own_format_of_a_router_has_its_details() -> None:
    app, router = signette.App(), signette.Router(errors=FastAPIErrors())

    @router.post("/")
    def endpoint(body: list[dict[str, int]]): ...  # type: ignore[no-untyped-def]

    app.include_router(router)
    response = signette.testclient.TestClient(app).post("/", json=[{"0": 1, "1": "x"}])
    assert response.json()["detail"][0]["loc"] == ["body", 0, "1"]


def test_a_websocket_is_denied_with_the_old_entries() -> None:
    app = signette.App(errors=FastAPIErrors())

    @app.websocket("/{n}")
    async def talk(n: int) -> None: ...

    client = signette.testclient.TestClient(app)
    with pytest.raises(signette.testclient.WebSocketDenialResponse) as denied, client.websocket_connect("/x"):
        pass
    assert json.loads(denied.value.content)["detail"][0]["loc"] == ["path", "n"]


@pytest.mark.parametrize("owner", [signette.App, signette.Router])
def test_a_class_in_place_of_a_format_is_rejected(owner: Any) -> None:
    with pytest.raises(
        SignatureError, match=r"got the class `FastAPIErrors`\n  hint: pass an instance: `errors=FastAPIErr"
    ):
        owner(errors=FastAPIErrors)


def test_outgoing_requests_have_the_errors_of_fastapi() -> None:
    found = []
    for app, router in (
        (fastapi.FastAPI(), fastapi.APIRouter()),
        (signette.App(errors=FastAPIErrors()), signette.Router()),
    ):

        @router.post("{$request.body.url}/paid")
        def paid(sub: Sub): ...  # type: ignore[no-untyped-def]

        @app.post("/", callbacks=router.routes)
        def endpoint(sub: Sub): ...  # type: ignore[no-untyped-def]

        @app.webhooks.post("with-body")
        def with_body(sub: Sub): ...  # type: ignore[no-untyped-def]

        @app.webhooks.post("without")
        def without_body(): ...  # type: ignore[no-untyped-def]

        document = app.openapi()
        (callback,) = document["paths"]["/"]["post"]["callbacks"]["paid"].values()
        items = [callback, *document["webhooks"].values()]
        found.append([list(item["post"]["responses"]) for item in items])
    assert found[0] == found[1] == [["200", "422"], ["200", "422"], ["200"]]

"""Differences that no single response shows: a table whose rows are functions, each of which proves its sentences."""

import pathlib
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import fastapi
import fastapi.exceptions
import fastapi.responses
import fastapi.testclient
import pytest
from pydantic import BaseModel

import signette
import signette.exceptions
import signette.responses
import signette.testclient
from signette.compat import FastAPIErrors
from signette.declarative.errors.base import SignatureError
from signette.openapi.docs import ReDoc
from signette.resources import Resource, get


@dataclass(frozen=True)
class Beyond:
    """A row. `prove` raises AssertionError where one of the sentences is not so."""

    there: str
    here: str
    move: str
    prove: Callable[[], None]


ROWS: list[Beyond] = []


def row(there: str, here: str, move: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    def keep(prove: Callable[[], None]) -> Callable[[], None]:
        ROWS.append(Beyond(there, here, move, prove))
        return prove

    return keep


class Item(BaseModel):
    name: str = "a"


def both() -> tuple[Any, Any]:
    """A client each of two empty applications; `.app` is the application."""
    return fastapi.testclient.TestClient(fastapi.FastAPI()), signette.testclient.TestClient(signette.App())


def refused(declare: Callable[[Any, Any], Any]) -> None:
    """FastAPI takes the declaration, an `App` rejects it at once."""
    declare(fastapi.FastAPI(), fastapi)
    with pytest.raises(SignatureError, match="hint: "):
        declare(signette.App(), signette)


@row(
    "an invalid value closes the WebSocket with 1008 and a list as the reason",
    "the client gets the 422, if the server supports denial responses",
    "nothing: for a browser the WebSocket did not open on both",
)
def sockets() -> None:
    there, here = both()
    for client in (there, here):

        async def talk(number: int) -> None: ...

        client.app.websocket("/{number}")(talk)
    with pytest.raises(fastapi.WebSocketDisconnect) as closed, there.websocket_connect("/x"):
        pass
    assert closed.value.code == 1008
    assert isinstance(closed.value.reason, list)
    with pytest.raises(signette.testclient.WebSocketDenialResponse) as denied, here.websocket_connect("/x"):
        pass
    assert denied.value.status_code == 422


@row(
    "`BackgroundTasks` of a WebSocket endpoint never run; headers set on its `Response` are lost",
    "the tasks run when the WebSocket has ended; the `Response` is rejected when the route is made",
    "pass headers to `accept`",
)
def background_of_sockets() -> None:
    ran: list[str] = []
    for client, of in zip(both(), (fastapi, signette), strict=True):

        async def talk(socket: of.WebSocket, tasks: of.BackgroundTasks) -> None:
            tasks.add_task(ran.append, type(socket).__module__)
            await socket.accept()
            await socket.close()

        client.app.websocket("/")(talk)
        with client.websocket_connect("/"):
            pass
    assert ran == ["signette.websockets"]

    def declare(app: Any, of: Any) -> None:
        async def talk(socket: of.WebSocket, response: of.Response) -> None: ...

        app.websocket("/")(talk)

    refused(declare)


@row(
    "a context variable that a `def` dependency sets is lost when it returns",
    "later calls see it; a `yield` dependency may reset it at its end",
    "nothing",
)
def context_variables() -> None:
    variable: ContextVar[str] = ContextVar("variable", default="lost")

    def sets() -> None:
        variable.set("seen")

    found = []
    for client, of in zip(both(), (fastapi, signette), strict=True):

        @client.app.get("/", dependencies=[of.Depends(sets)])
        async def endpoint() -> dict[str, str]:
            return {"variable": variable.get()}

        found.append(client.get("/").json()["variable"])
    assert found == ["lost", "seen"]


@row(
    "dependencies of an application or a router do not guard its plain routes, mounts and static files",
    "they guard them; only the OpenAPI document and the API docs stay open",
    "put public routes, such as a login page, outside of the guarded router",
)
def plain_routes() -> None:
    def reject_there() -> None:
        raise fastapi.HTTPException(401)

    def reject_here() -> None:
        raise signette.HTTPException(401)

    found = []
    for client, of, refuse in zip(both(), (fastapi, signette), (reject_there, reject_here), strict=True):
        app = type(client.app)(dependencies=[of.Depends(refuse)])
        app.mount("/in", client.app)
        found.append(type(client)(app).get("/in/openapi.json").status_code)
    assert found == [200, 401]


@row(
    "a body parameter of a dependency, with another name, silently makes the endpoint's own body a member of an object",
    "rejected when the route is made",
    "write `Body(embed=True)` on both",
)
def hidden_body() -> None:
    def declare(app: Any, of: Any) -> None:
        async def other(item: Item) -> Item:
            return item

        @app.post("/")
        async def endpoint(own: Item, item: Annotated[Item, of.Depends(other)]) -> None: ...

    refused(declare)


@row(
    "`Body()` next to `File()` silently becomes a form field; a model there can never be sent",
    "it is a JSON part of the form",
    "nothing, or `Form()` for a field",
)
def body_next_to_file() -> None:
    found = []
    for client, of in zip(both(), (fastapi, signette), strict=True):

        async def endpoint(item: Annotated[Item, of.Body()], file: of.UploadFile) -> str:
            return item.name

        client.app.post("/")(endpoint)
        sent = {"file": ("a", b""), "item": (None, b'{"name": "b"}', "application/json")}
        found.append(client.post("/", files=sent).status_code)
    assert found == [422, 200]


@row(
    "`ids: list[int]` without a marker is a JSON body, also of a `GET`",
    "rejected on `GET`, otherwise a body",
    "write `ids: Annotated[list[int], Query()]`",
)
def lists_on_get() -> None:
    def declare(app: Any, _: Any) -> None:
        @app.get("/")
        async def endpoint(ids: list[int]) -> None: ...

    refused(declare)


@row(
    "the type of a dependency's result is not compared with the parameter's annotation",
    "rejected when the route is made, if both are annotated and do not match",
    "fix the wrong one",
)
def dependency_types() -> None:
    def declare(app: Any, of: Any) -> None:
        async def number() -> int:
            return 1

        @app.get("/")
        async def endpoint(text: Annotated[str, of.Depends(number)]) -> None: ...

    refused(declare)


@row(
    "a path parameter that is misspelt in the function silently becomes a query parameter",
    "rejected when the route is made, with the name in the path",
    "use the same name",
)
def unused_names() -> None:
    def declare(app: Any, _: Any) -> None:
        @app.get("/{id}")
        async def endpoint(item_id: int) -> None: ...

    refused(declare)


@row(
    "a method other than `GET` for a file of `frontend` is a 405, also behind dependencies",
    "a 404 behind dependencies, so that only clients with access can find out which files exist",
    "nothing",
)
def methods_of_files() -> None:
    found = []
    for client, of in zip(both(), (fastapi, signette), strict=True):
        app = type(client.app)(dependencies=[of.Depends(lambda: None)])
        for each in (client.app, app):
            each.frontend("/", directory=pathlib.Path(__file__).parent)
        name = f"/{pathlib.Path(__file__).name}"
        found.append([type(client)(each).post(name).status_code for each in (client.app, app)])
    assert found == [[405, 405], [405, 404]]


@row(
    "a `Path()` parameter that is not in the path is a 422 at each request; a mounted application can read the "
    "parameters of its mount",
    "rejected when the application gets the route, at the latest when it starts; a mounted `Router` can read them",
    "fix the name; mount a `Router` for an application",
)
def path_markers() -> None:
    def missing(app: Any, of: Any) -> None:
        @app.get("/")
        async def endpoint(n: Annotated[int, of.Path()]) -> None: ...

    def in_router(app: Any, of: Any) -> None:
        router = fastapi.APIRouter() if of is fastapi else signette.Router()
        missing(router, of)
        app.include_router(router, prefix="/x")

    refused(missing)
    refused(in_router)
    for client, of, router in zip(both(), (fastapi, signette), (fastapi.FastAPI(), signette.Router()), strict=True):

        @router.get("/x")
        async def endpoint(n: Annotated[int, of.Path()]) -> int:
            return n

        client.app.mount("/{n}", router)
        assert client.get("/3/x").json() == 3


@row(
    "a default or an example that its own type would reject is accepted",
    "rejected when the route is made; `None` is always a default, and an `openapi_examples` may be invalid if "
    "its name begins with `invalid`",
    "fix the value, or rename the example",
)
def unfitting_values() -> None:
    def default(app: Any, _: Any) -> None:
        @app.get("/")
        async def endpoint(n: int = "many") -> None: ...  # type: ignore[assignment]

    def example(app: Any, of: Any) -> None:
        @app.get("/")
        async def endpoint(n: Annotated[int, of.Query(examples=["many"])]) -> None: ...

    def named(app: Any, of: Any) -> None:
        @app.get("/")
        async def endpoint(n: Annotated[int, of.Query(openapi_examples={"invalid": {"value": "many"}})]) -> None: ...

    refused(default)
    refused(example)
    named(signette.App(), signette)


@row(
    '`Form()` on `GET`, `tags="shop"`, `methods="GET"` and a header name with a space are accepted',
    "rejected when the route is made",
    "apply the hint of the error",
)
def typos() -> None:
    async def form(n: Annotated[int, fastapi.Form()]) -> None: ...
    async def header(n: Annotated[int, fastapi.Header(alias="a b")]) -> None: ...
    async def nothing() -> None: ...

    async def own_form(n: Annotated[int, signette.Form()]) -> None: ...
    async def own_header(n: Annotated[int, signette.Header(alias="a b")]) -> None: ...

    refused(lambda app, of: app.get("/")(form if of is fastapi else own_form))
    refused(lambda app, of: app.get("/")(header if of is fastapi else own_header))
    refused(lambda app, _: app.get("/", tags="shop")(nothing))
    refused(lambda app, _: app.api_route("/", methods="GET")(nothing))


@row(
    "entries of `RequestValidationError.errors()` have `type`, `loc`, `msg`, `input`",
    "they have `code`, `in`, `name`, `pointer`, `message`",
    "with `App(errors=FastAPIErrors())` handlers get [the old entries](#keep-the-shape-of-errors)",
)
def error_entries() -> None:
    keys = []
    for client, of in zip(both(), (fastapi, signette), strict=True):
        error, refuse = of.exceptions.RequestValidationError, of.responses.JSONResponse

        async def endpoint(n: int) -> None: ...

        async def response(_: Any, exc: Any, refuse: Any = refuse) -> Any:
            keys.append(set(exc.errors()[0]))
            return refuse({}, 422)

        client.app.get("/")(endpoint)
        client.app.exception_handler(error)(response)
        client.get("/")
    assert keys == [{"type", "loc", "msg", "input"}, {"in", "name", "code", "message"}]
    old = FastAPIErrors().errors(signette.exceptions.RequestValidationError([{"in": "query", "name": "n"}]))
    assert set(old[0]) == {"type", "loc", "msg"}


@row(
    "`fastapi.HTTPException` is a subclass of Starlette's, and only a handler for that one gets all errors",
    "there is one class",
    "nothing: a handler for `signette.HTTPException` also handles unknown paths; validation errors have their own"
    " handler on both",
)
def one_exception() -> None:
    handled = []
    for client, of in zip(both(), (fastapi, signette), strict=True):
        refuse = of.responses.PlainTextResponse

        async def response(_: Any, exc: Any, refuse: Any = refuse) -> Any:
            return refuse("mine", exc.status_code)

        client.app.exception_handler(of.HTTPException)(response)
        handled.append(client.get("/nowhere").text)
    assert handled == ['{"detail":"Not Found"}', "mine"]


@row(
    "an operation id has the name, the path and the method: `read_item_items__item_id__get`",
    "it has the function's name, and is longer only if two would be equal: `read_item`",
    "`App(generate_unique_id_function=fastapi_operation_id)` of `signette.compat`; an id that you give stays as it is",
)
def operation_ids() -> None:
    found = []
    for app in (fastapi.FastAPI(), signette.App()):

        async def read_item(item_id: int) -> int:
            return item_id

        app.get("/items/{item_id}")(read_item)
        found.append(app.openapi()["paths"]["/items/{item_id}"]["get"]["operationId"])
    assert found == ["read_item_items__item_id__get", "read_item"]


@row(
    "the OpenAPI document has a 422 for each operation with parameters, and no other errors of the framework",
    "it has all errors that the operation can have: 400, 401, 404, 413, 415, 422, as problems",
    "nothing: generated clients know more errors; or [keep FastAPI's](#keep-the-shape-of-errors)",
)
def documented_errors() -> None:
    found = []
    for app in (fastapi.FastAPI(), signette.App()):

        async def create(item: Item) -> Item:
            return item

        app.post("/items")(create)
        found.append(set(app.openapi()["paths"]["/items"]["post"]["responses"]))
    assert found == [{"200", "422"}, {"200", "400", "413", "415", "422"}]


@row(
    "in the OpenAPI document parameters and fields of models have titles made of their names; optional parameters"
    " may be null",
    "a title is what `title=` sets; a value in a URL is there or not, never null",
    "nothing",
)
def parameters_in_the_document() -> None:
    found = []
    for app in (fastapi.FastAPI(), signette.App()):

        async def search(item: Item, q: str | None = None) -> None: ...

        app.post("/")(search)
        document = app.openapi()
        found.append(document["paths"]["/"]["post"]["parameters"][0]["schema"])
        found.append(document["components"]["schemas"]["Item"]["properties"]["name"])
    assert found == [
        {"anyOf": [{"type": "string"}, {"type": "null"}], "title": "Q"},
        {"type": "string", "title": "Name", "default": "a"},
        {"type": "string"},
        {"type": "string", "default": "a"},
    ]


@row(
    "the body of a form, and of several parameters, is a model in the OpenAPI document (`Body_create_items_post`)",
    "it is an inline schema; your models keep their names, `HTTPValidationError` is `ValidationProblem`",
    "generated clients have other names for them",
)
def models_in_the_document() -> None:
    found = []
    for app in (fastapi.FastAPI(), signette.App()):

        async def create(item: Item, other: Item) -> None: ...

        app.post("/items")(create)
        found.append(set(app.openapi()["components"]["schemas"]))
    assert found == [
        {"Body_create_items_post", "HTTPValidationError", "Item", "ValidationError"},
        {"Item", "Problem", "ValidationProblem"},
    ]


@row(
    "`response_model_exclude={'note'}` with `-> list[Item]` silently excludes nothing; `include` includes nothing",
    "field names apply to each item",
    "nothing; `{'__all__': {'note'}}` works on both",
)
def excluded_of_items() -> None:
    class Noted(Item):
        note: str = "n"

    declared = []
    for client in both():

        @client.app.get("/", response_model_exclude={"note"})
        def endpoint() -> list[Noted]:
            return [Noted()]

        declared.append(client.get("/").json())
    assert declared == [[{"name": "a", "note": "n"}], [{"name": "a"}]]


@row(
    "a stream that fails before its first chunk is a 200 that breaks off",
    "the error has its own status",
    "nothing",
)
def failing_streams() -> None:
    def declare(app: Any, error: Exception) -> None:
        @app.get("/")
        async def endpoint() -> AsyncIterator[Item]:
            raise error
            yield Item()

    there, here = both()
    declare(there.app, fastapi.HTTPException(404))
    declare(here.app, signette.HTTPException(404))
    with pytest.raises(RuntimeError, match="response already started"):
        there.get("/")
    assert here.get("/").status_code == 404


@row(
    "an option of the response model, or a response class, that has no effect on the result is accepted",
    "rejected when the route is made",
    "remove the option",
)
def unused_options() -> None:
    def excluding(app: Any, of: Any) -> None:
        @app.get("/", response_model_exclude_none=True)
        def endpoint() -> int:
            return 1

    def choosing(app: Any, of: Any) -> None:
        @app.get("/", response_class=of.responses.RedirectResponse)
        def endpoint() -> None: ...

    refused(excluding)
    refused(choosing)


@row(
    "the lifespan of a mounted application does not run",
    "it starts and stops with the outer one",
    "`Mount(..., run_lifespan=False)`, if something else runs it",
)
def mounted_lifespans() -> None:
    started: list[Any] = []
    for client in both():
        kind = type(client.app)

        @asynccontextmanager
        async def lifespan(app: Any) -> Any:
            started.append(type(app))
            yield

        client.app.mount("/inner", kind(lifespan=lifespan))
        with client:
            pass
    assert started == [signette.App]


@row(
    "a `Content-Length` over `max_body_size` is a 413, even if the endpoint does not read the body",
    "`max_body_size=` of an endpoint that reads no body is an error when the route is made; that of its router does not"
    " apply",
    "remove the option",
)
def unread_bodies() -> None:
    application, client = both()
    application.app.post("/unread", max_body_size=5)(lambda: "unread")
    assert application.post("/unread", content=b"abcdef").status_code == 413
    with pytest.raises(SignatureError, match="reads no request body"):
        client.app.post("/unread", max_body_size=5)(lambda: "unread")


@row(
    'versions of an API are prefixes: `include_router(orders, prefix="/v1")`',
    'the same, or [`version="v1"`](deprecation.md#version-an-api), from which deprecated operations find their'
    " successors",
    "nothing, or write `version=`",
)
def versions() -> None:
    orders = signette.Router()

    @orders.get("/of-a-version")
    def read() -> int:
        return 3

    _, client = both()
    client.app.include_router(orders, version="v1", deprecated=date(2026, 1, 1))
    client.app.include_router(orders, version="v2")
    assert client.get("/v1/of-a-version").headers["link"] == '</v2/of-a-version>; rel="successor-version"'
    with pytest.raises(TypeError, match="version"):
        fastapi.FastAPI().include_router(fastapi.APIRouter(), version="v1")


@row(
    "methods of a class can be endpoints with the package `fastapi-utils`",
    "[`class Users(Resource, prefix='/users')`](class-based-views.md), with inheritance; `@cbv` has another import",
    "nothing, or write a `Resource`",
)
def resources() -> None:
    class Users(Resource, prefix="/of-a-class"):
        @get("/{number}")
        def read(self, number: int) -> int:
            return number

    _, client = both()
    client.app.include(Users)
    assert client.get("/of-a-class/3").text == "3"
    assert not hasattr(fastapi.FastAPI(), "include")


@row(
    "an `APIRouter` has no middleware and no exception handlers",
    "[`Router(middleware=[...], exception_handlers={...})`](routers-and-mounts.md#middleware-of-a-router), also of"
    " `include_router`",
    "move what is for one router there",
)
def middleware_of_routers() -> None:
    router = signette.Router()
    assert not hasattr(fastapi.APIRouter(), "add_middleware")
    assert not hasattr(fastapi.APIRouter(), "exception_handler")

    @router.middleware("http")
    async def named(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers["X-Router"] = "shop"
        return response

    @router.exception_handler(KeyError)
    async def missing(request: Any, exc: Any) -> Any:
        return signette.Response("missing", 404)

    @router.get("/of-the-router")
    def endpoint() -> None:
        raise KeyError

    _, client = both()
    client.app.include_router(router)
    response = client.get("/of-the-router")
    assert (response.status_code, response.headers["X-Router"]) == (404, "shop")


@row(
    "`on_event` of an included router runs its function twice; with a `lifespan=` those of the application never run",
    "it runs once; with a `lifespan=` a warning says that the function does not run",
    "move what the functions do to `lifespan=`",
)
def events() -> None:
    found = []
    for client, of in zip(both(), (fastapi, signette), strict=True):
        ran: list[str] = []
        router = (fastapi.APIRouter if of is fastapi else signette.Router)()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            router.on_event("startup")(lambda ran=ran: ran.append("router"))
            client.app.include_router(router)
            client.app.on_event("startup")(lambda ran=ran: ran.append("app"))
        with client:
            found.append((ran, any("no effect" in str(each.message) for each in caught)))
    assert found == [(["router", "app", "router"], False), (["app", "router"], False)]

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        yield

    for client, of in zip(both(), (fastapi, signette), strict=True):
        app = type(client.app)(lifespan=lifespan)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            app.on_event("startup")(lambda: ran.append("lost"))
        with type(client)(app):
            pass
        assert any("no effect" in str(each.message) for each in caught) == (of is signette)
    assert ran == ["app", "router"]


@row(
    "`swagger_ui_parameters=`, `swagger_ui_init_oauth=` and `telemetry=` configure Swagger UI and OpenTelemetry",
    "an `UnusedOptionWarning`: they have no effect, except with `docs=SwaggerUI()`",
    "the warning names what to use: `SwaggerUI`, `OpenTelemetryMiddleware`",
)
def unused_arguments() -> None:
    for arguments in ({"swagger_ui_parameters": {"a": 1}}, {"swagger_ui_init_oauth": {}}, {"telemetry": {}}):
        fastapi.FastAPI(**arguments)
        with pytest.warns(signette.exceptions.UnusedOptionWarning, match="has no effect"):
            signette.App(**arguments)


@row(
    "`redoc_url=` serves ReDoc from another host",
    "it serves ReDoc from an installed package, and is an error without one",
    "`pip install --no-deps drf-spectacular-sidecar`, or `App(docs=ReDoc(script_url=...))`",
)
def redoc_from_a_package() -> None:
    assert "cdn" in fastapi.testclient.TestClient(fastapi.FastAPI(redoc_url="/r")).get("/r").text
    page = ReDoc(script_url="/static/redoc.js")
    assert "cdn" not in signette.testclient.TestClient(signette.App(docs=page, redoc_url="/r")).get("/r").text


@row(
    "nothing warns of a route that can never match",
    "a `ShadowedRouteWarning` names it, and the routes before it, when the application starts",
    "change their order",
)
def shadowed_routes() -> None:
    there, here = both()
    for client in (there, here):

        async def endpoint() -> int:
            return 1

        client.app.get("/{anything}")(endpoint)
        client.app.get("/this")(endpoint)
    with there:
        pass
    with pytest.warns(match="/this"), here:
        pass


@dataclass(frozen=True)
class Missing:
    """What FastAPI has and signette has not. `said` is evaluated with FastAPI's names, then with ours."""

    said: str
    instead: str


MISSING = (
    Missing("import_('fastapi.dependencies.utils').get_dependant", "`dependant` of a route"),
    Missing("import_('fastapi.openapi.models').OpenAPI", "the document is a dictionary: `app.openapi()`"),
    Missing(
        "import_('fastapi.exceptions').FastAPIError", "`signette.errors.SignatureError`, raised when a route is made"
    ),
)

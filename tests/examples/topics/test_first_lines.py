"""The arguments and attributes of FastAPI's documentation, as they are at the first lines of an application."""

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import fastapi
import fastapi.datastructures
import fastapi.testclient
import pytest
from fastapi.openapi.utils import get_openapi

import signette
import signette.openapi
import signette.responses
import signette.testclient
from signette.exceptions import UnusedOptionWarning

CLIENTS = {fastapi: fastapi.testclient.TestClient, signette: signette.testclient.TestClient}


def defaults_of(function: Callable[..., Any], *without: str) -> dict[str, Any]:
    """The arguments of a function there, each with its default. One that is a placeholder is left out."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not inspect.Parameter.empty
        and not isinstance(parameter.default, fastapi.datastructures.DefaultPlaceholder)
        and name not in without
    }


# `title` and the classes of routes and of dependencies are their own on each side.
OWN = ("route_class",)
VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def endpoint() -> dict[str, int]:
    return {}


async def socket(socket: signette.WebSocket) -> None: ...


def test_each_argument_of_an_application_is_taken() -> None:
    arguments = defaults_of(fastapi.FastAPI.__init__, *OWN)
    assert {"redoc_url", "swagger_ui_parameters", "root_path_in_servers", "on_startup"} <= arguments.keys()
    arguments["swagger_ui_oauth2_redirect_url"] = arguments["redoc_url"] = None  # the default there
    signette.App(**arguments)


def test_each_argument_of_a_router_and_of_its_inclusion_is_taken() -> None:
    router = signette.Router(**defaults_of(fastapi.APIRouter.__init__, *OWN))
    signette.App().include_router(router, **defaults_of(fastapi.APIRouter.include_router))
    signette.App().include_router(router, **defaults_of(fastapi.FastAPI.include_router))


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("kind", "theirs"), [(signette.App, fastapi.FastAPI), (signette.Router, fastapi.APIRouter)], ids=["app", "router"]
)
def test_each_argument_of_a_verb_is_taken(verb: str, kind: Any, theirs: Any) -> None:
    getattr(kind(), verb)("/", **defaults_of(getattr(theirs, verb)))(endpoint)
    placeholders = inspect.signature(getattr(theirs, verb)).parameters.keys() - {"self", "path"}
    assert placeholders <= signette.RouteOptions.__annotations__.keys()


@pytest.mark.parametrize("of", [fastapi.FastAPI, fastapi.APIRouter])
@pytest.mark.parametrize("kind", [signette.App, signette.Router])
def test_each_argument_of_the_other_methods_is_taken(kind: Any, of: Any) -> None:
    kind().add_api_route("/", endpoint, **defaults_of(of.add_api_route))
    kind().api_route("/", **defaults_of(of.api_route))(endpoint)
    kind().add_api_websocket_route("/", socket, **defaults_of(of.add_api_websocket_route))
    kind().websocket("/", **defaults_of(of.websocket))(socket)


@pytest.mark.parametrize(
    "name", ["swagger_ui_parameters", "swagger_ui_init_oauth", "swagger_ui_oauth2_redirect_url", "telemetry"]
)
def test_an_option_without_an_effect_is_warned_of_once_where_it_stands(name: str) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        app = signette.App(**{name: {"a": "b"}})
        CLIENTS[signette](app).get("/docs")
        signette.App(**{name: None})
    assert [(each.category, each.filename) for each in caught] == [(UnusedOptionWarning, __file__)]
    hint = "add `OpenTelemetryMiddleware`" if name == "telemetry" else "the API docs are not Swagger UI; pass `docs="
    assert str(caught[0].message).startswith(f"`{name}=` has no effect: {hint}")


def test_who_provides_overrides_is_warned_of() -> None:
    with pytest.warns(UnusedOptionWarning, match="set `dependency_overrides` of the application"):
        signette.Router(dependency_overrides_provider=signette.App())


def test_the_root_path_may_be_left_out_of_the_servers() -> None:
    found = []
    for of, app in ((fastapi, fastapi.FastAPI), (signette, signette.App)):
        for listed in (True, False):
            client = CLIENTS[of](app(root_path_in_servers=listed), root_path="/v1")
            found.append(client.get("/v1/openapi.json").json().get("servers"))
    assert found == [[{"url": "/v1"}], None] * 2


def test_webhooks_of_a_router_are_documented() -> None:
    hooks = signette.Router(prefix="/hooks", tags=["outside"])
    app = signette.App(webhooks=hooks)

    @hooks.post("/paid")
    def paid() -> None: ...

    @app.webhooks.post("shipped")
    def shipped() -> None: ...

    assert list(app.openapi()["webhooks"]) == ["/hooks/paid", "shipped"]
    assert app.openapi()["webhooks"]["/hooks/paid"]["post"]["tags"] == ["outside"]
    with pytest.raises(TypeError, match="`webhooks=` takes a `Router`, not 3"):
        signette.App(webhooks=3)


def schema_is_extended(of: Any, get_openapi: Any) -> Any:
    """The page `Extending OpenAPI` of FastAPI's documentation."""
    app = (fastapi.FastAPI if of is fastapi else signette.App)()

    @app.get("/items/")
    async def read_items() -> list[dict[str, str]]:
        return [{"name": "Foo"}]

    calls = []

    def custom_openapi() -> Any:
        if app.openapi_schema:
            return app.openapi_schema
        calls.append(1)
        schema = get_openapi(title="Custom title", version="2.5.0", summary="A summary", routes=app.routes)
        schema["info"]["x-logo"] = {"url": "https://example.com/logo.png"}
        app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = custom_openapi
    client = CLIENTS[of](app)
    infos = [client.get("/openapi.json").json()["info"] for _ in range(2)]
    app.openapi_schema = None
    app.openapi()
    return infos, len(calls)


def test_the_document_is_extended_as_documented() -> None:
    expected = schema_is_extended(fastapi, get_openapi)
    assert schema_is_extended(signette, signette.openapi.get_openapi) == expected
    assert expected[1] == 2


def test_a_document_that_is_set_is_served_until_the_routes_change() -> None:
    app = signette.App()
    assert app.openapi_schema is None
    assert app.openapi() is app.openapi_schema
    app.openapi_schema = {"openapi": "3.1.0"}
    assert CLIENTS[signette](app).get("/openapi.json").json() == {"openapi": "3.1.0"}
    app.get("/")(endpoint)
    assert app.openapi_schema is None
    assert list(app.openapi()["paths"]) == ["/"]


def test_metadata_may_be_set_later() -> None:
    found = []
    for kind in (fastapi.FastAPI, signette.App):
        app = kind(title="Shop", openapi_tags=[{"name": "a"}])
        if kind is signette.App:
            app.openapi()
        app.title, app.version, app.summary, app.description = "Store", "2", "short", "long"
        app.terms_of_service, app.contact, app.license_info = "https://a.example/", {"name": "A"}, {"name": "MIT"}
        app.servers, app.openapi_tags = [{"url": "/v2"}], [{"name": "b"}]
        app.openapi_external_docs = {"url": "https://docs.example/"}
        document = app.openapi()
        found.append([document[key] for key in ("info", "servers", "tags", "externalDocs")])
    assert found[0] == found[1]
    assert found[1][0]["title"] == "Store"


def test_metadata_is_read_as_there() -> None:
    names = ("version", "summary", "terms_of_service", "contact", "license_info", "servers", "openapi_tags")
    for arguments in ({}, {"servers": [{"url": "/a"}], "openapi_tags": [{"name": "a"}], "contact": {"name": "A"}}):
        apps: list[Any] = [fastapi.FastAPI(**arguments), signette.App(**arguments)]
        there, here = ([getattr(app, name) for name in names] for app in apps)
        assert there == here
    apps[1].openapi_tags = apps[1].servers = None
    assert {"tags", "servers"}.isdisjoint(apps[1].openapi())


def test_setup_adds_the_routes_of_the_document_once() -> None:
    class Shop(signette.App):
        def setup(self) -> None:
            super().setup()
            self.add_api_route("/own", endpoint)

    app = Shop()
    paths = [route.path for route in app.routes]
    assert paths == ["/openapi.json", "/docs", "/docs/oauth2-redirect", "/own"]
    app.redoc_url, app.redoc = "/more", app.docs
    signette.App.setup(app)
    assert [route.path for route in app.routes] == [*paths, "/more", "/more/oauth2-redirect"]


def test_overrides_that_are_none_are_off() -> None:
    app = signette.App()

    def number() -> int:
        return 1

    @app.get("/")
    def read(number: int = signette.Depends(number)) -> int:
        return number

    client = CLIENTS[signette](app)
    app.dependency_overrides = {number: lambda: 2}
    assert client.get("/").json() == 2
    app.dependency_overrides = None
    assert client.get("/").json() == 1
    app.dependency_overrides[number] = lambda: 3
    assert client.get("/").json() == 3


def test_a_router_has_its_arguments_as_attributes() -> None:
    def check() -> None: ...

    found = []
    for of, kind in ((fastapi, fastapi.APIRouter), (signette, signette.Router)):
        depends = of.Depends(check)
        for arguments in (
            {},
            {
                "prefix": "/a",
                "tags": ["t"],
                "dependencies": [depends],
                "responses": {404: {"description": "none"}},
                "deprecated": True,
                "include_in_schema": False,
            },
        ):
            router = kind(**arguments)
            router.get("/x")(endpoint)
            names = ("prefix", "tags", "responses", "callbacks", "deprecated", "include_in_schema")
            found.append(
                (
                    [getattr(router, name) for name in names],
                    [each.dependency for each in router.dependencies],
                    [route.path for route in router.routes],
                )
            )
    assert found[:2] == found[2:]
    router = signette.Router(default_response_class=signette.HTMLResponse, generate_unique_id_function=str)
    assert (router.default_response_class, router.generate_unique_id_function) == (signette.HTMLResponse, str)


@pytest.mark.parametrize("name", ["ORJSONResponse", "UJSONResponse"])
def test_responses_of_other_libraries_are_json_responses(name: str) -> None:
    cls: Any = getattr(signette.responses, name)
    app = signette.App(default_response_class=cls)

    @app.get("/own")
    async def own() -> cls:
        return cls({"a": 1}, status_code=201)

    @app.get("/converted", response_class=cls)
    async def converted():  # type: ignore[no-untyped-def]  # no annotation is the matter
        return [{"a": 1}]

    client = CLIENTS[signette](app)
    assert (client.get("/own").json(), client.get("/own").status_code) == ({"a": 1}, 201)
    assert client.get("/converted").json() == [{"a": 1}]


def test_options_of_swagger_ui_are_attributes_for_a_page_of_ones_own() -> None:
    names = (
        "swagger_ui_parameters",
        "swagger_ui_init_oauth",
        "swagger_ui_oauth2_redirect_url",
        "docs_url",
        "redoc_url",
    )
    for arguments in (
        {"docs_url": None, "redoc_url": None},
        {
            "docs_url": None,
            "redoc_url": None,
            "swagger_ui_parameters": {"deepLinking": False},
            "swagger_ui_init_oauth": {"clientId": "me"},
            "swagger_ui_oauth2_redirect_url": "/back",
        },
    ):
        apps: list[Any] = [fastapi.FastAPI(**arguments), signette.App(**arguments)]
        there, here = ([getattr(app, name) for name in names] for app in apps)
        assert there == here


METHODS = (
    "add_route", "add_websocket_route", "route", "websocket_route", "mount", "host", "add_middleware",
    "add_exception_handler", "exception_handler", "middleware", "add_event_handler", "on_event", "include_router",
    "add_api_route", "add_api_websocket_route", "frontend",
)  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ["app", "router"])
def test_arguments_have_the_names_of_fastapis(method: str, kind: str) -> None:
    sides: list[tuple[Any, Any]] = [(fastapi.FastAPI, signette.App), (fastapi.APIRouter, signette.Router)]
    ordered = sides if kind == "app" else sides[::-1]
    theirs, ours = next(side for side in ordered if hasattr(side[0], method))  # one of them has it
    there, here = (inspect.signature(getattr(of, method)).parameters for of in (theirs, ours))
    names = [
        name for name, each in there.items() if each.default is each.empty and each.kind is each.POSITIONAL_OR_KEYWORD
    ]
    assert len(names) > 1
    assert list(here)[: len(names)] == names

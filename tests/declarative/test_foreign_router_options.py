"""Each argument of FastAPI's routers and routes has the same effect in an included router, or is an error.

The arguments are those of the installed release: a new one fails here until it has a value that shows its effect.
"""

import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import fastapi
import pytest
from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.routing import APIRoute, APIWebSocketRoute
from pydantic import BaseModel, Field

from signette.app import App
from signette.testclient import TestClient
from signette.websockets import WebSocketDisconnect


class Item(BaseModel):
    name: str = "tea"
    kind: str | None = Field(default="k", serialization_alias="sort")
    size: int | None = None


class Name(BaseModel):
    name: str


class OwnRoute(APIRoute):
    """A route class of an application."""


class Provider:
    """An application whose overrides do not count for an included router."""

    dependency_overrides: dict[Any, Any] = {}


def closed() -> None:
    raise fastapi.HTTPException(403, "closed")


def unique_id(route: Any) -> str:
    return f"uid_{route.name}_{route.path_format}_{min(route.methods)}"


def outer_id(route: Any) -> str:
    return f"outer_{route.name}"


async def other_app(scope: Any, receive: Any, send: Any) -> None:
    await PlainTextResponse("default", 200)(scope, receive, send)


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, str]]:
    yield {"state": "started"}


async def endpoint(request: fastapi.Request, item: Item | None = None) -> Item:
    return Item(name=getattr(request.state, "state", "tea"))


async def three() -> int:
    return 3


async def talk(websocket: fastapi.WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(websocket.scope["route"].name)


async def other_talk(websocket: fastapi.WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("other")


def callback_routes() -> list[Any]:
    router = APIRouter()
    router.get("{$request.body}")(lambda: 1)
    return list(router.routes)


SHARED: dict[str, Any] = {
    "tags": ["t"], "dependencies": [Depends(closed)], "responses": {418: {"description": "Short"}},
    "callbacks": callback_routes(), "deprecated": True, "include_in_schema": False, "strict_content_type": False,
    "generate_unique_id_function": unique_id, "dependency_overrides_provider": Provider(), "max_body_size": 2,
    "form_limits": {"max_files": 1},
}  # fmt: skip
OF_ROUTER: dict[str, Any] = SHARED | {
    "prefix": "/p", "default_response_class": HTMLResponse, "routes": [APIRoute("/other", endpoint, name="other")],
    "redirect_slashes": False, "default": other_app, "route_class": OwnRoute, "on_startup": [closed],
    "on_shutdown": [closed], "lifespan": lifespan,
}  # fmt: skip
OF_ROUTE: dict[str, Any] = SHARED | {
    "path": "/other", "endpoint": three, "response_model": Name, "status_code": 201, "summary": "Short",
    "description": "Long", "response_description": "Described", "name": "named", "methods": ["PUT"],
    "operation_id": "own-id", "response_model_include": {"name"}, "response_model_exclude": {"name"},
    "response_model_by_alias": False, "response_model_exclude_unset": True, "response_model_exclude_defaults": True,
    "response_model_exclude_none": True, "response_class": HTMLResponse, "openapi_extra": {"x-extra": 1},
}  # fmt: skip
OF_SOCKET: dict[str, Any] = {
    "path": "/other", "endpoint": other_talk, "name": "named", "dependencies": [Depends(closed)],
    "dependency_overrides_provider": Provider(),
}  # fmt: skip
# Statuses of an invalid body, which differ.
INVALID = {415: "invalid", 422: "invalid"}
WITHOUT_EFFECT = {"redirect_slashes", "default", "dependency_overrides_provider"}
REJECTED = {"callbacks", "max_body_size", "form_limits", "on_startup", "on_shutdown", "route_class"}


def with_router_option(**options: Any) -> APIRouter:
    router = APIRouter(**options)
    router.add_api_route("/x", endpoint, methods=["POST"])
    return router


def with_route_option(**options: Any) -> APIRouter:
    router = APIRouter()
    given: dict[str, Any] = {"path": "/x", "endpoint": endpoint, "methods": ["POST"]}
    router.routes.append(APIRoute(**given | options))
    return router


def with_socket_option(**options: Any) -> APIRouter:
    router = APIRouter()
    given: dict[str, Any] = {"path": "/talk", "endpoint": talk}
    router.routes.append(APIWebSocketRoute(**given | options))
    return router


CASES = [
    (cls, make, name, values.get(name))
    for cls, make, values in (
        (APIRouter, with_router_option, OF_ROUTER),
        (APIRoute, with_route_option, OF_ROUTE),
        (APIWebSocketRoute, with_socket_option, OF_SOCKET),
    )
    for name in inspect.signature(cls).parameters
]


def observed(app: Any) -> dict[str, Any]:
    """What a client and the document show of an application."""
    found: dict[str, Any] = {}
    with TestClient(app, raise_server_exceptions=False) as client:
        for path in ("/x", "/p/x", "/other", "/x/", "/none"):
            for method, headers in (
                ("POST", {"content-type": "application/json"}),
                ("POST", {}),
                ("PUT", {}),
                ("GET", {}),
            ):
                sent = client.request(method, path, content=b'{"name": "n"}', headers=headers, follow_redirects=False)
                shown = (sent.text, sent.headers.get("content-type")) if sent.is_success else None
                found[f"{method} {path} {headers}"] = INVALID.get(sent.status_code, sent.status_code), shown
        for path in ("/talk", "/other"):
            try:
                with client.websocket_connect(path) as session:
                    found[f"socket {path}"] = session.receive_text()
            except WebSocketDisconnect:
                found[f"socket {path}"] = None
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            for member in ("operationId", "tags", "deprecated", "summary", "description", "x-extra"):
                found[f"{path} {method} {member}"] = operation.get(member)
            for status, response in operation["responses"].items():
                if int(status) not in (400, 413, *INVALID):
                    text = response["description"]
                    described = "default" if text in ("OK", "Created", "Successful Response") else text
                    found[f"{path} {method} {status}"] = described, sorted(response.get("content", ()))
    return found


def changes(app_class: Any, make: Callable[..., APIRouter], options: dict[str, Any]) -> dict[str, Any]:
    """What an argument changes."""
    app, other = (app_class(generate_unique_id_function=outer_id) for _ in range(2))
    app.include_router(make())
    other.include_router(make(**options))
    before, after = observed(app), observed(other)
    return {key: after.get(key) for key in before | after if before.get(key) != after.get(key)}


@pytest.mark.parametrize(
    ("cls", "make", "name", "value"),
    [case for case in CASES if case[2] not in REJECTED],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_each_argument_has_the_effect_that_it_has_in_fastapi(cls: Any, make: Any, name: str, value: Any) -> None:
    assert value is not None, f"`{name}=` of {cls.__name__} is new: add a value that shows its effect"
    here, there = (changes(each, make, {name: value}) for each in (App, fastapi.FastAPI))
    assert here == there
    assert bool(here) is (name not in WITHOUT_EFFECT)


@pytest.mark.parametrize(
    ("make", "name", "value"),
    [(make, name, value) for _, make, name, value in CASES if name in REJECTED],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_an_argument_without_an_equivalent_is_rejected(make: Any, name: str, value: Any) -> None:
    word = "another|the route" if name == "route_class" else f"`{name}=`"
    with pytest.raises(TypeError, match=rf"cannot be included, because it has .*({word})"):
        App().include_router(make(**{name: value}))


@pytest.mark.parametrize("cls", [APIRouter, APIRoute, APIWebSocketRoute])
def test_the_values_are_those_of_arguments(cls: Any) -> None:
    values = {"APIRouter": OF_ROUTER, "APIRoute": OF_ROUTE, "APIWebSocketRoute": OF_SOCKET}[cls.__name__]
    assert values.keys() <= inspect.signature(cls).parameters.keys()


# Attributes that are made from the arguments, or that `App.include_router` reads itself.
DERIVED = {
    "APIRouter": {
        "middleware_stack", "lifespan_context", "_frontend_routes", "_low_priority_routes", "_routes_version",
    },
    "APIRoute": {
        "app", "body_field", "dependant", "is_json_stream", "is_sse_stream", "param_convertors", "path_format",
        "path_regex", "response_field", "response_fields", "stream_item_field", "stream_item_type", "unique_id",
        "_embed_body_fields",
    },
    "APIWebSocketRoute": {"app", "dependant", "param_convertors", "path_format", "path_regex", "_embed_body_fields"},
}  # fmt: skip


@pytest.mark.parametrize(
    "value", [APIRouter(), APIRoute("/x", three), APIWebSocketRoute("/x", talk)], ids=lambda value: type(value).__name__
)
def test_each_attribute_is_an_argument_or_made_from_them(value: Any) -> None:
    name = type(value).__name__
    assert vars(value).keys() - inspect.signature(type(value)).parameters.keys() <= DERIVED[name]


@pytest.mark.parametrize("make", [APIRouter, with_route_option])
def test_an_argument_of_a_later_release_is_rejected_if_it_is_given(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cls: Any = APIRouter if make is APIRouter else APIRoute
    signature = inspect.signature(cls)
    added = inspect.Parameter("later", inspect.Parameter.KEYWORD_ONLY, default="unset")
    monkeypatch.setattr(
        cls, "__signature__", signature.replace(parameters=[*signature.parameters.values(), added]), raising=False
    )
    router = make()
    owner = router if make is APIRouter else router.routes[0]
    owner.later = "unset"
    App().include_router(router)
    owner.later = "set"
    with pytest.raises(TypeError, match=r"because it has (a route with )?`later=`"):
        App().include_router(router)


def test_a_frontend_is_rejected(tmp_path: Any) -> None:
    router = APIRouter()
    router.frontend("/", directory=tmp_path)
    with pytest.raises(TypeError, match="because it has a frontend"):
        App().include_router(router)  # type: ignore[arg-type]

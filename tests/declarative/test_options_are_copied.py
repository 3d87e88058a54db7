"""Options count as they were when they were given, even if the list or dictionary changes afterwards."""

import copy
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

import pytest

from signette import App, Depends, Form, Router
from signette.declarative.routing.options import RouteOptions, RouterOptions
from signette.formats import JSON, MessagePack
from tests.asgi import fetch
from tests.declarative.policies.own_policies import Counted, Gate


def given() -> dict[str, Any]:
    """Each option that is a list, a set or a dictionary."""
    return {
        "form_limits": {"max_fields": 2},
        "responses": {404: {"description": "gone", "headers": {"x-why": {"schema": {"type": "string"}}}}},
        "tags": ["first"],
        "dependencies": [Depends(allowed)],
        "openapi_extra": {"x-more": {"deep": [1]}},
        "callbacks": [],
        "policies": [Counted()],
        "renders": [JSON],
        "request_encodings": ["gzip"],
        "response_model_include": {"name"},
        "response_model_exclude": {"other"},
    }


def allowed() -> None: ...


def rejected() -> None:
    raise AssertionError("this dependency was added later")


def change(options: dict[str, Any]) -> None:
    """All of them at once, in place, and what is in them."""
    options["form_limits"]["max_fields"] = 0
    options["responses"][404]["headers"]["x-why"]["schema"]["type"] = "integer"
    options["responses"][500] = {"description": "later"}
    options["tags"].append("later")
    options["dependencies"].append(Depends(rejected))
    options["openapi_extra"]["x-more"]["deep"].append(2)
    options["openapi_extra"]["x-later"] = 1
    options["callbacks"].append("no route")
    options["policies"].append(Gate())
    options["renders"].append(MessagePack)
    options["request_encodings"].clear()
    options["response_model_include"].clear()
    options["response_model_exclude"].add("name")


async def read(name: Annotated[str, Form()]) -> dict[str, str]:
    return {"name": name, "other": "x"}


def at_route(options: dict[str, Any]) -> App:
    app = App()
    app.post("/", **options)(read)
    return app


def at_app(options: dict[str, Any]) -> App:
    app = App(**router_options(options))
    app.add_api_route("/", read, ["POST"], **route(options))
    return app


def at_router(options: dict[str, Any]) -> App:
    app, router = App(), Router(**router_options(options))
    router.add_api_route("/", read, ["POST"], **route(options))
    app.include_router(router, prefix="")
    return app


def at_include(options: dict[str, Any]) -> App:
    app, router = App(), Router()
    app.include_router(router, **router_options(options))
    router.add_api_route("/", read, ["POST"], **route(options))
    return app


def router_options(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name in RouterOptions.__annotations__}


def route(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in RouterOptions.__annotations__}


@pytest.mark.parametrize("make", [at_route, at_app, at_router, at_include])
async def test_what_is_changed_later_counts_no_more(make: Callable[[dict[str, Any]], App]) -> None:
    mine, others = given(), given()
    app, other = make(mine), make(others)
    change(mine)
    assert app.openapi() == other.openapi()
    for each in (app, other):
        headers = {"content-type": "application/x-www-form-urlencoded"}
        assert (await fetch(each, "POST /", b"name=n", headers)).json == {"name": "n"}
        assert (await fetch(each, "POST /", b"name=n&a=1&b=2", headers)).status == 400


@pytest.mark.parametrize("later", [Router, lambda **options: App(**options).router])
async def test_routes_that_are_added_after_a_change_have_what_was_given(later: Any) -> None:
    options: dict[str, Any] = {"form_limits": {"max_fields": 1}, "tags": ["first"], "responses": {404: {}}}
    router, app = later(**options), App()
    options["form_limits"]["max_fields"] = 0
    options["tags"].append("later")
    options["responses"][500] = {}
    router.add_api_route("/", read, ["POST"])
    app.include_router(router) if type(router) is Router else app.mount("/in", router)
    [made] = [each for each in router.routes if each.path == "/"]
    assert made.tags == ["first"]
    assert list(made.options["responses"]) == [404]
    assert made.options.get("form_limits", {"max_fields": 1}) == {"max_fields": 1}


def test_what_the_document_says_of_the_application_is_copied() -> None:
    options: dict[str, Any] = {
        "contact": {"name": "first"},
        "license_info": {"name": "first"},
        "servers": [{"url": "/first", "variables": {"a": {"default": "1"}}}],
        "openapi_tags": [{"name": "first"}],
        "openapi_external_docs": {"url": "https://first.example"},
    }
    before = copy.deepcopy(options)
    app = App(**options)
    options["servers"][0]["variables"]["a"]["default"] = "2"
    for value in options.values():
        value.append({}) if isinstance(value, list) else value.clear()
    assert app.openapi() == App(**before).openapi()


def test_the_list_of_changeable_options_is_whole() -> None:
    """Each option whose type is a list or a mapping is in `given`."""
    hints = get_type_hints(RouteOptions) | get_type_hints(RouterOptions)
    open_to_change = {name for name, hint in hints.items() if "Mapping" in str(hint) or "Sequence" in str(hint)}
    assert open_to_change - given().keys() == set()

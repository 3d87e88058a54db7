"""Where options come from: `explain` has the place that set each option, and what it overrode."""

from datetime import date
from typing import Annotated, Any

import cloudpickle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette import App, Body, Form, Request, Router, WebSocket
from signette.declarative.errors.base import SignatureError
from signette.declarative.inspection.option_origins import OptionOrigin, option_origins
from signette.declarative.inspection.plan_json import describe_plan
from signette.declarative.routing.routes import TypedRoute
from tests.declarative.policies.own_policies import BodyLength


async def read(text: Annotated[str, Form()]) -> str:
    return text


async def listen(websocket: WebSocket) -> None: ...


def route_of(app: App) -> TypedRoute:
    (route,) = [each for each in app.routes if isinstance(each, TypedRoute)]
    return route


def nested(**options: dict[str, Any]) -> TypedRoute:
    """A route with options of each place: `app=`, `outer=`, `included=`, `inner=`, `operation=`."""
    app = App(openapi_url=None, **options.get("app", {}))
    outer, inner = (
        Router(prefix="/outer", **options.get("outer", {})),
        Router(prefix="/inner", **options.get("inner", {})),
    )
    inner.post("/", **options.get("operation", {}))(read)
    outer.include_router(inner, prefix="/v1", **options.get("included", {}))
    app.include_router(outer)
    return route_of(app)


OWNERS = {
    "app": "application",
    "outer": "router /outer",
    "included": "include_router /v1",
    "inner": "router /inner",
    "operation": "operation",
}


@given(st.dictionaries(st.sampled_from([*OWNERS]), st.integers(1, 9), min_size=1))
def test_the_innermost_place_sets_an_option_and_overrides_the_others(sizes: dict[str, int]) -> None:
    route = nested(**{place: {"max_body_size": size} for place, size in sizes.items()})
    inner_first = [(OWNERS[place], sizes[place]) for place in reversed(OWNERS) if place in sizes]
    (owner, value), *overridden = inner_first
    (origin,) = option_origins(route.options)
    assert origin == OptionOrigin("max_body_size", value, (owner,), tuple(overridden))


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ({}, []),
        ({"operation": {"status_code": 202}}, ["status_code=202 of the operation"]),
        (
            {"app": {"max_body_size": 9}, "operation": {"max_body_size": 5}},
            ["max_body_size=5 of the operation   overrides 9 of the application"],
        ),
        (
            {"app": {"tags": ["a"]}, "inner": {"tags": ["b"]}},
            ["tags=['a', 'b'] of the application and the router /inner"],
        ),
        (
            {"app": {"tags": ["a"]}, "inner": {"tags": ["a"]}},
            ["tags=['a'] of the router /inner   overrides ['a'] of the application"],
        ),
        (
            {"app": {"max_body_size": 9}, "outer": {"max_body_size": 8}, "inner": {"max_body_size": 7}},
            ["max_body_size=7 of the router /inner   overrides 8 of the router /outer, 9 of the application"],
        ),
        ({"operation": {"max_body_size": None}, "app": {"max_body_size": 9}}, ["max_body_size=9 of the application"]),
        ({"outer": {"include_in_schema": False}}, ["include_in_schema=False of the router /outer"]),
        ({"operation": {"description": "a" * 99}}, [f"description='{'a' * 59}... of the operation"]),
        ({"operation": {"response_model": str}}, ["response_model=str of the operation"]),
        ({"operation": {"response_model": None}}, []),
        (
            {"app": {"form_limits": {"max_files": 2}}, "operation": {"form_limits": {"max_fields": 3}}},
            ["form_limits={'max_files': 2, 'max_fields': 3} of the application and the operation"],
        ),
        (
            {"app": {"form_limits": {"max_files": 2}}, "operation": {"form_limits": {"max_files": 3}}},
            ["form_limits={'max_files': 3} of the operation   overrides {'max_files': 2} of the application"],
        ),
        ({"operation": {"deprecated": date(2026, 1, 1)}}, ["deprecated=datetime.date(2026, 1, 1) of the operation"]),
    ],
)
def test_explain_has_the_places(options: dict[str, Any], lines: list[str]) -> None:
    explained = nested(**options).explain().splitlines()
    assert [line.removeprefix("  option   ") for line in explained if line.startswith("  option ")] == lines


def test_a_websocket_has_the_places_of_its_options() -> None:
    router = Router(unknown_query_params="log")
    router.websocket("/", unknown_query_params="forbid")(listen)
    (route,) = router.routes
    assert "unknown_query_params='forbid' of the operation   overrides 'log' of the router" in route.explain()


def test_a_pickled_route_knows_its_places() -> None:
    route = nested(app={"max_body_size": 9}, operation={"max_body_size": 5})
    assert cloudpickle.loads(cloudpickle.dumps(route)).explain() == route.explain()


def test_the_places_as_json() -> None:
    route = nested(app={"max_body_size": 9}, operation={"max_body_size": 5})
    assert describe_plan(route.plan, option_origins(route.options))["options"] == [
        {
            "option": "max_body_size",
            "value": "5",
            "owners": ["operation"],
            "overrides": [{"owner": "application", "value": "9"}],
            "not_applied": None,
        }
    ]


NO_BODY = "no request body"
LIMITS: dict[str, Any] = {"max_body_size": 9, "form_limits": {"max_files": 2}, "request_encodings": ["gzip"]}


async def nothing() -> None: ...


async def takes_json(item: Annotated[list[int], Body()]) -> None: ...


async def takes_request(request: Request) -> None: ...


@pytest.mark.parametrize(
    ("endpoint", "unused"),
    [
        (
            nothing,
            {"max_body_size": "no request body", "form_limits": "no form", "request_encodings": "no request body"},
        ),
        (takes_json, {"form_limits": "no form"}),
        (takes_request, {}),
        (read, {}),
    ],
)
def test_limits_of_an_application_or_router_that_have_no_effect_are_not_applied(
    endpoint: Any, unused: dict[str, str]
) -> None:
    of_router, of_application = App(), App(**LIMITS)
    router = Router(**LIMITS)
    router.post("/")(endpoint)
    of_router.include_router(router)
    of_application.post("/")(endpoint)
    for app in (of_router, of_application):
        route = route_of(app)
        described = describe_plan(route.plan, option_origins(route.options))["options"]
        reasons = {name: f"the operation reads {what}" for name, what in unused.items()}
        assert {each["option"]: each["not_applied"] for each in described} == dict.fromkeys(LIMITS) | reasons
        assert route.explain().count("   not applied: ") == len(unused)


@pytest.mark.parametrize("name", ["max_body_size", "form_limits"])
def test_limits_of_an_operation_that_have_no_effect_are_rejected(name: str) -> None:
    with pytest.raises(SignatureError, match=f"`{name}=` has no effect: the operation reads no "):
        App().post("/", **{name: LIMITS[name]})(nothing)
    App().post("/", **{name: LIMITS[name]})(takes_request)


def test_a_limit_of_a_body_that_a_policy_reads_has_an_effect() -> None:
    App().post("/", max_body_size=9, policies=[BodyLength()])(nothing)


def test_a_limit_of_a_body_that_a_handler_may_read_has_an_effect() -> None:
    class Logged(TypedRoute):
        def get_route_handler(self) -> Any:
            return super().get_route_handler()

    Router(route_class=Logged).post("/", **LIMITS)(nothing)


def test_an_option_that_is_set_later_is_one_of_the_operation() -> None:
    route = nested()
    route.tags = ["a"]
    assert "  option   tags=['a'] of the operation" in route.explain()

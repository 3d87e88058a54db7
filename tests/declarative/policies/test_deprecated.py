"""`Deprecated` and `deprecated=`: header fields, the OpenAPI document, the log, and what is rejected."""

import logging
import pickle
import time
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import cloudpickle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.app import App, Router
from signette.declarative.errors.base import SignatureError
from signette.declarative.inspection.plan_json import describe_plan
from signette.declarative.policies.base import Off, Policy
from signette.declarative.policies.cached import Cached
from signette.declarative.policies.deadline import Deadline
from signette.declarative.policies.deprecated import Callers, Deprecated, timestamp
from signette.declarative.routing.routes import TypedRoute
from signette.exceptions import HTTPException
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.websockets import WebSocket
from tests.asgi import connect, fetch
from tests.declarative.policies.clock import Clock
from tests.declarative.policies.test_deadline import never

pytestmark = pytest.mark.either_loop

SINCE, SUNSET = date(2026, 1, 1), date(2027, 1, 1)
NAIVE = datetime.fromisoformat("2026-01-01")
FIELD = "@1767225600"
LINKS = '</v2/orders>; rel="successor-version"', '<https://example.com/why>; rel="deprecation"'


async def orders(page: int = 1) -> int:
    return page


async def deprecation_of(app: Any, request: str) -> str | None:
    found: str | None = (await fetch(app, request)).headers.get("deprecation")
    return found


# -- header fields -----------------------------------------------------------------------------------------------------


async def test_each_response_has_the_fields() -> None:
    app = App()
    policy = Deprecated(SINCE, sunset=SUNSET, successor="/v2/orders", docs="https://example.com/why")
    app.get("/orders", policies=[policy])(orders)
    app.get("/others")(orders)
    for request, status in (("GET /orders", 200), ("GET /orders?page=x", 422)):
        found = await fetch(app, request)
        fields = found.messages[0]["headers"]
        assert found.status == status
        assert found.headers["deprecation"] == FIELD
        assert found.headers["sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
        assert [value.decode() for name, value in fields if name == b"link"] == list(LINKS)
    assert not {"deprecation", "sunset", "link"} & set((await fetch(app, "GET /others")).headers)


async def test_errors_of_endpoints_and_other_policies_have_the_fields() -> None:
    app = App(deprecated=SINCE)

    @app.get("/gone")
    async def gone() -> None:
        raise HTTPException(410)

    app.get("/never", policies=[Deadline(0.01)])(never)
    for path, status in (("/gone", 410), ("/never", 504)):
        found = await fetch(app, f"GET {path}")
        assert (found.status, found.headers["deprecation"]) == (status, FIELD)


async def test_a_cached_response_has_each_field_once() -> None:
    app = App(deprecated=SINCE)
    app.get("/orders", policies=[Cached(60, private=False)])(orders)
    for _ in range(2):
        fields = (await fetch(app, "GET /orders")).messages[0]["headers"]
        assert [value for name, value in fields if name == b"deprecation"] == [FIELD.encode()]


async def test_a_field_that_the_response_has_is_kept() -> None:
    app = App()

    @app.get("/orders", policies=[Deprecated(SINCE, docs="/why")])
    async def own() -> Response:
        return PlainTextResponse("", headers={"Deprecation": "@1", "Link": '</next>; rel="next"'})

    fields = (await fetch(app, "GET /orders")).messages[0]["headers"]
    assert [value for name, value in fields if name == b"deprecation"] == [b"@1"]
    assert len([value for name, value in fields if name == b"link"]) == 2


async def test_websockets_have_the_fields_in_the_handshake() -> None:
    app = App()

    @app.websocket("/live", deprecated=SINCE)
    async def live(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    accepted = next(each for each in (await connect(app, "/live")).messages if each["type"] == "websocket.accept")
    assert (b"deprecation", FIELD.encode()) in accepted["headers"]


async def test_plain_routes_and_mounts_have_the_fields() -> None:
    async def plain(request: Request) -> Response:
        return PlainTextResponse("plain")

    inner = App(deprecated=date(2020, 1, 1))
    inner.get("/orders")(orders)
    app = App(routes=[Route("/plain", plain), Mount("/in", inner)], deprecated=SINCE)
    assert await deprecation_of(app, "GET /plain") == FIELD
    # The field of the mounted application is the more specific one.
    assert await deprecation_of(app, "GET /in/orders") == "@1577836800"


# -- options -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("declared", [SINCE, datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))])
async def test_a_date_in_the_option_is_the_policy(declared: date) -> None:
    app = App()
    app.get("/orders", deprecated=declared)(orders)
    assert await deprecation_of(app, "GET /orders") == FIELD
    assert app.openapi()["paths"]["/orders"]["get"]["deprecated"] is True


async def test_true_sends_nothing_and_is_in_the_document() -> None:
    app = App()
    app.get("/orders", deprecated=True)(orders)
    assert await deprecation_of(app, "GET /orders") is None
    assert app.openapi()["paths"]["/orders"]["get"]["deprecated"] is True
    assert describe_plan(app.routes[-1].plan)["policies"] == []


async def test_the_innermost_option_counts() -> None:
    router = Router(prefix="/v1", deprecated=date(2020, 1, 1))
    router.get("/router")(orders)
    router.get("/own", deprecated=SINCE)(orders)
    router.get("/not", deprecated=False)(orders)
    router.get("/true", deprecated=True)(orders)
    router.get("/off", policies=[Off(Deprecated)])(orders)
    router.get("/nothing", policies=[Off(Policy)])(orders)
    app = App()
    app.include_router(router, prefix="/in", deprecated=date(2010, 1, 1))
    found = {path: await deprecation_of(app, f"GET /in/v1/{path}") for path in ("router", "own", "true")}
    assert found == {"router": "@1577836800", "own": FIELD, "true": "@1577836800"}
    for path in ("not", "off", "nothing"):
        assert await deprecation_of(app, f"GET /in/v1/{path}") is None
    assert "deprecated" not in app.openapi()["paths"]["/in/v1/not"]["get"]


def test_the_document_and_attributes_agree_with_the_fields() -> None:
    router = Router(prefix="/v1", deprecated=SINCE)
    router.get("/router")(orders)
    router.get("/off", policies=[Off(Deprecated)])(orders)
    router.get("/not", deprecated=False)(orders)
    app = App()
    app.include_router(router)
    app.get("/own", policies=[Deprecated(SINCE)])(orders)
    found = {path: "deprecated" in item["get"] for path, item in app.openapi()["paths"].items()}
    assert found == {"/v1/router": True, "/v1/off": False, "/v1/not": False, "/own": True}
    planned = {route.path: route for route in app.routes if isinstance(route, TypedRoute)}
    assert {path: bool(planned[path].deprecated) for path in found} == found
    assert [Router(**each).deprecated for each in ({}, {"deprecated": False}, {"deprecated": SINCE})] == [
        None,
        False,
        True,
    ]
    planned["/v1/off"].deprecated = True
    assert planned["/v1/off"].deprecated is True


@pytest.mark.parametrize("outer", [False, True, None])
async def test_a_policy_counts_whatever_the_application_says(outer: bool | None) -> None:
    app = App(deprecated=outer)
    app.get("/policy", policies=[Deprecated(SINCE)])(orders)
    app.get("/date", deprecated=SINCE)(orders)
    router = Router(prefix="/in")
    router.get("/date", deprecated=SINCE)(orders)
    app.include_router(router, deprecated=outer)
    for path in ("/policy", "/date", "/in/date"):
        assert await deprecation_of(app, f"GET {path}") == FIELD
        assert app.openapi()["paths"][path]["get"]["deprecated"] is True


async def test_a_policy_further_in_counts_more_than_false_of_a_router() -> None:
    router = Router(prefix="/v1", deprecated=False)
    router.get("/own", policies=[Deprecated(SINCE)])(orders)
    router.get("/not")(orders)
    app = App(deprecated=date(2020, 1, 1))
    app.include_router(router)
    assert await deprecation_of(app, "GET /v1/own") == FIELD
    assert await deprecation_of(app, "GET /v1/not") is None
    found = {path: "deprecated" in item["get"] for path, item in app.openapi()["paths"].items()}
    assert found == {"/v1/own": True, "/v1/not": False}


def test_false_of_an_application_puts_no_policy_before_its_mounts() -> None:
    app = App(routes=[Mount("/in", App())], deprecated=False)
    assert getattr(app.routes[0], "guard", None) is None


async def test_include_router_deprecates_all_but_those_that_are_not() -> None:
    router = Router()
    router.get("/orders")(orders)
    router.get("/not", deprecated=False)(orders)
    app = App()
    app.include_router(router, prefix="/v1", deprecated=SINCE)
    app.include_router(router, prefix="/v2")
    assert await deprecation_of(app, "GET /v1/orders") == FIELD
    assert await deprecation_of(app, "GET /v1/not") is None
    assert await deprecation_of(app, "GET /v2/orders") is None


async def test_an_application_survives_pickling() -> None:
    app = App(policies=[Deprecated(SINCE, sunset=SUNSET)])
    app.get("/orders")(orders)
    await fetch(app, "GET /orders")
    assert await deprecation_of(pickle.loads(cloudpickle.dumps(app)), "GET /orders") == FIELD


# -- the document, explain ---------------------------------------------------------------------------------------------


def test_the_document_and_the_plan_have_the_policy() -> None:
    app = App()
    app.get("/orders", policies=[Deprecated(SINCE, sunset=SUNSET)])(orders)
    operation = app.openapi()["paths"]["/orders"]["get"]
    assert operation["deprecated"] is True
    for response in operation["responses"].values():
        assert set(response["headers"]) == {"Deprecation", "Sunset"}
    shown = "Deprecated(datetime.date(2026, 1, 1), sunset=datetime.date(2027, 1, 1))"
    route = app.routes[-1]
    assert shown in route.explain()
    assert describe_plan(route.plan)["policies"][0]["declaration"] == shown


# -- the log -----------------------------------------------------------------------------------------------------------


async def test_the_first_call_of_a_client_each_day_is_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "signette.deprecated")
    clock, callers = Clock(monkeypatch), Callers(limit=3)

    def call(address: str, operation: str = "GET /orders") -> list[str]:
        caplog.clear()
        agent = [(b"user-agent", b"curl\n" + b"x" * 200)]
        callers.log(operation, {"type": "http", "client": (address, 1), "headers": agent})
        return [each.getMessage() for each in caplog.records]

    (line,) = call("10.0.0.1")
    assert line.startswith("deprecated operation called: GET /orders by 10.0.0.1 ('curl\\nxxx")
    assert len(line) < 200
    assert call("10.0.0.1") == []
    assert len(call("10.0.0.1", "GET /others")) == 1
    assert call("10.0.0.2")[1:] == ["deprecated operations have 3 callers today; further ones are not logged"]
    assert call("10.0.0.3") == []
    clock.advance(86400)
    assert len(call("10.0.0.3")) == 1


async def test_requests_are_logged_with_their_operation(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "signette.deprecated")
    app = App(deprecated=SINCE)
    app.get("/orders")(orders)
    for _ in range(2):
        await fetch(app, "GET /orders")
    (line,) = [each.getMessage() for each in caplog.records if each.name == "signette.deprecated"]
    assert line.startswith("deprecated operation called: GET /orders ")


# -- what is rejected --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "needs a date or a URL"),
        ({"since": SINCE, "sunset": date(2025, 12, 31)}, "`sunset=2025-12-31` is before `since=2026-01-01`"),
        ({"since": NAIVE}, "`since` has no time zone"),
        ({"sunset": date(1969, 12, 31)}, "before 1970"),
        ({"successor": "/v2/{order_id}"}, "path parameters are not filled in"),
        ({"successor": ""}, "must be a URL"),
        ({"docs": "/a b"}, "must be a URL"),
        ({"docs": '/a>; rel="next", <b'}, "must be a URL"),
        ({"docs": "/a\r\nX-Other: 1"}, "must be a URL"),
    ],
)
def test_invalid_arguments_are_rejected(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        Deprecated(**arguments)


@pytest.mark.parametrize("arguments", [{"since": "2026-01-01"}, {"sunset": 1}, {"docs": b"/why"}])
def test_arguments_of_a_wrong_type_are_rejected(arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="must be a"):
        Deprecated(**arguments)


def test_the_option_is_checked_at_all_places() -> None:
    for declare in (App, Router, lambda **options: App().include_router(Router(), **options)):
        for value, message in (("since May", "`True`, `False` or a `date`"), (NAIVE, "no time zone")):
            with pytest.raises(SignatureError, match=message):
                declare(deprecated=value)
    with pytest.raises(SignatureError, match="both declare the deprecation"):
        Router(deprecated=SINCE, policies=[Deprecated(SINCE)])
    with pytest.raises(SignatureError, match="must be a list of policies"):
        App().get("/", deprecated=SINCE, policies=["x"])(orders)  # type: ignore[list-item]


def test_webhooks_take_true_only() -> None:
    app = App()
    app.webhooks.post("new", deprecated=True)(orders)
    with pytest.raises(SignatureError, match="no effect on a webhook"):
        app.webhooks.post("other", deprecated=SINCE)(orders)


def test_a_router_of_webhooks_may_be_deprecated() -> None:
    router = Router(deprecated=SINCE)
    router.post("/new")(orders)
    webhook = App(webhooks=router).openapi()["webhooks"]["/new"]["post"]
    assert webhook["deprecated"] is True
    assert "headers" not in webhook["responses"]["200"]


@given(st.datetimes(datetime.fromisoformat("1970-01-01"), timezones=st.just(UTC)))
def test_times_are_seconds_and_sunset_is_their_http_date(moment: datetime) -> None:
    fields = dict(Deprecated(moment, sunset=moment).fields)
    seconds = timestamp("since", moment)
    assert fields["deprecation"] == f"@{seconds}"
    assert parsedate_to_datetime(fields["sunset"]).timestamp() == seconds
    assert seconds == int((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1))


def test_a_date_is_midnight_in_utc() -> None:
    assert time.gmtime(timestamp("since", SINCE))[:6] == (2026, 1, 1, 0, 0, 0)


# -- sunset= -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deprecated", [None, True, SINCE])
@pytest.mark.parametrize("is_shared", [False, True])
async def test_a_sunset_next_to_deprecated_makes_one_policy(deprecated: Any, is_shared: bool) -> None:
    options: Any = {"deprecated": deprecated, "sunset": SUNSET}
    app = App(**options) if is_shared else App()
    app.get("/orders", **({} if is_shared else options))(orders)
    found = (await fetch(app, "GET /orders")).headers
    assert found["sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
    assert found.get("deprecation") == (FIELD if deprecated == SINCE else None)
    assert app.openapi()["paths"]["/orders"]["get"]["deprecated"] is True


@pytest.mark.parametrize(
    "options",
    [
        {"sunset": "2027"},
        {"sunset": True},
        {"sunset": SUNSET, "deprecated": False},
        {"sunset": SINCE, "deprecated": SUNSET},
        {"sunset": NAIVE},
        {"sunset": SUNSET, "policies": [Deprecated(SINCE)]},
    ],
)
def test_a_sunset_that_has_no_one_meaning_is_rejected(options: dict[str, Any]) -> None:
    for declare in (lambda: App().get("/orders", **options)(orders), lambda: Router(**options)):
        with pytest.raises(SignatureError, match="sunset"):
            declare()

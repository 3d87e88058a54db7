"""Policies of routes that are served in other ways: other frameworks, route classes, class-based views, front ends."""

import gc
import pickle
import weakref
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from fastapi import FastAPI
from openapi_spec_validator import OpenAPIV31SpecValidator, OpenAPIV32SpecValidator
from pydantic import BaseModel
from starlette.applications import Starlette

from signette.app import App, Router
from signette.cbv import cbv
from signette.declarative.policies.base import Policy
from signette.declarative.policies.cached import Cached
from signette.declarative.policies.concurrency import Concurrency
from signette.declarative.policies.deadline import Deadline
from signette.declarative.policies.idempotent import Idempotent
from signette.declarative.policies.outage import outage_of
from signette.declarative.policies.rate_limit import RateLimit
from signette.declarative.routing.routes import TypedRoute
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.state.backend import Backend
from signette.state.unavailable import StateUnavailable
from signette.websockets import WebSocket
from tests.asgi import DENIAL, connect, fetch
from tests.declarative.policies.own_policies import Counted, Gate, Note, Visits

pytestmark = pytest.mark.either_loop


@pytest.mark.parametrize("make", [FastAPI, Starlette])
async def test_a_router_that_is_mounted_in_another_framework_has_its_policies(make: Callable[[], Any]) -> None:
    router = Router(policies=[RateLimit("1/minute"), Gate()])
    router.get("/x")(visits)
    app = make()
    app.mount("/in", router)
    assert (await fetch(app, "GET /in/x")).status == 200
    found = await fetch(app, "GET /in/x")
    assert (found.status, found.json["title"]) == (429, "Too many requests")
    assert found.headers["content-type"] == "application/problem+json"


async def visits(visits: Visits | None = None) -> int:
    return 0 if visits is None else visits.count


async def test_the_handler_of_a_route_class_runs_inside_of_policies() -> None:
    log: list[Any] = []

    class Logged(TypedRoute):
        def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:
            original = super().get_route_handler()

            async def handle(request: Request) -> Response:
                log.append("handler")
                return await original(request)

            return handle

    app = App(route_class=Logged, policies=[Note(log), Counted(), Gate()])
    app.get("/")(visits)
    assert (await fetch(app, "GET /")).json == 1
    assert log == ["note starts", "handler", "note 200"]
    assert (await fetch(app, "GET /", headers={"x-gate": "problem"})).status == 418
    assert (await fetch(app, "GET /", headers={"x-gate": "response"})).text == "not today"


async def test_methods_of_class_based_views_have_policies() -> None:
    router = Router()

    @cbv(router)
    class Shop:
        @router.get("/", policies=[Counted()])
        async def read(self, visits: Visits) -> int:
            return visits.count

    app = App()
    app.include_router(router)
    assert [(await fetch(app, "GET /")).json for _ in range(2)] == [1, 2]


async def test_a_front_end_has_the_policies_of_its_application(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>shop</p>")
    app = App(policies=[RateLimit("2/minute")])
    app.frontend("/", tmp_path, check_dir=False)  # a check would block the event loop
    assert [(await fetch(app, "GET /index.html")).status for _ in range(3)] == [200, 200, 429]


class Order(BaseModel):
    sku: str


@pytest.mark.parametrize(
    ("version", "validator"), [("3.1.1", OpenAPIV31SpecValidator), ("3.2.0", OpenAPIV32SpecValidator)]
)
def test_a_document_with_all_policies_is_valid(version: str, validator: Any) -> None:
    app = App(
        openapi_version=version,
        deprecated=date(2026, 1, 1),
        policies=[Deadline(2, status=503), Concurrency(3), RateLimit("1/minute", on_failure="closed"), Counted()],
    )
    app.get("/items", policies=[Cached(60, private=False, on_failure="closed"), Gate()])(visits)

    @app.post("/items", policies=[Idempotent()])
    async def create(order: Order) -> Order:
        return order

    document = app.openapi()
    validator(document).validate()
    assert {"418", "429", "503"} <= document["paths"]["/items"]["get"]["responses"].keys()
    assert {"409", "422", "429", "503"} <= document["paths"]["/items"]["post"]["responses"].keys()


def test_outages_are_those_of_engines(caplog: pytest.LogCaptureFixture) -> None:
    backend = Backend("memory://", overrides={"cache": "redis://localhost"})
    limits, idempotency, cache = (outage_of(backend, each) for each in ("rate-limits", "idempotency", "cache"))
    assert limits is idempotency is not cache
    for outage in (limits, cache, idempotency):
        outage.began(StateUnavailable("gone"))
    assert [record.message for record in caplog.records] == ["state engine unavailable: gone"] * 2


async def test_requests_are_freed_when_they_end() -> None:
    app = App(policies=[RateLimit("10/minute"), Counted(), Deadline(10), Concurrency(2)])
    seen: list[weakref.ref[Any]] = []

    @app.get("/")
    async def read(request: Request, visits: Visits) -> None:
        seen.append(weakref.ref(request))

    gc.collect()
    gc.disable()
    try:
        for _ in range(2):
            await fetch(app, "GET /")
            assert seen[-1]() is None
    finally:
        gc.enable()


async def test_applications_are_freed_with_their_policies() -> None:
    def make() -> App:
        app = App()

        async def name() -> str:
            return app.title

        app.get("/", policies=[RateLimit("1/minute", by=name), Counted(), Cached(60, private=False)])(visits)
        return app

    app = make()
    await fetch(app, "GET /")
    freed = weakref.ref(app)
    del app
    gc.collect()
    assert freed() is None


async def test_an_application_that_has_counted_can_be_pickled() -> None:
    app = App(policies=[RateLimit("2/minute; 5/hour"), Deadline(10), Concurrency(2)])
    app.get("/")(visits)
    assert (await fetch(app, "GET /")).headers["ratelimit"].startswith('"2/minute";r=1')
    again = pickle.loads(cloudpickle.dumps(app))
    assert [(await fetch(again, "GET /")).status for _ in range(3)] == [200, 200, 429]


class Denied(Policy):
    """Ends each request with a response."""

    applies_to_websockets = True

    def guard(self) -> Callable[..., Any]:
        async def deny() -> Response:
            return PlainTextResponse("not today", 403)

        return deny


async def test_a_guard_ends_requests_to_plain_routes_mounts_and_websockets_with_its_response() -> None:
    async def plain(request: Request) -> Response:
        raise AssertionError("it is not called")

    app = App(policies=[Denied()], routes=[Route("/route", plain), Mount("/mount", Route("/x", plain))])

    @app.websocket("/ws")
    async def talk(socket: WebSocket) -> None:
        raise AssertionError("it is not called")

    for path in ("/route", "/mount/x"):
        found = await fetch(app, f"GET {path}")
        assert (found.status, found.text) == (403, "not today")
    denied = await connect(app, "/ws", extensions=DENIAL)
    assert (denied.status, denied.body) == (403, b"not today")
    assert (await connect(app, "/ws")).types == ["websocket.close"]


async def test_a_router_that_is_included_twice_has_one_rate_limit_and_each_inclusion_its_own() -> None:
    app, router = App(), Router(prefix="/items", policies=[RateLimit("1/minute")])
    router.get("/x")(visits)
    other = Router()
    other.get("/x")(visits)
    for prefix in ("/v1", "/v2"):
        app.include_router(router, prefix=prefix)
        app.include_router(other, prefix=f"{prefix}/other", policies=[RateLimit("1/minute")])
    for path, status in {"/v1/items/x": 200, "/v2/items/x": 429, "/v1/other/x": 200, "/v2/other/x": 200}.items():
        assert (await fetch(app, f"GET {path}")).status == status

"""Policies: where they act, in which order, what they see, and how they are combined."""

import pickle
from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
import cloudpickle
import pytest
from pydantic import BaseModel

from signette.app import App, Router
from signette.applications import Application
from signette.declarative.errors.base import SignatureError
from signette.declarative.policies.base import Off, Policy
from signette.declarative.policies.exchange import CallNext, Exchange
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.security.schemes import APIKeyHeader
from signette.declarative.signature.marker_functions import Depends, Header, Security
from signette.exceptions import HTTPException
from signette.limits import Limits
from signette.requests import Request
from signette.responses.plain import JSONResponse, PlainTextResponse, Response
from signette.responses.streaming import StreamingResponse
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.types import Receive, Scope, Send
from signette.websockets import WebSocket
from tests.asgi import JSON, call, connect, fetch
from tests.declarative.policies.own_policies import BodyLength, Counted, Gate, Louder, Note, Outer, Visits

pytestmark = pytest.mark.either_loop


class Order(BaseModel):
    sku: str


def with_key(x_key: Annotated[str | None, Header()] = None) -> str:
    if x_key != "secret":
        raise HTTPException(401)
    return "member"


# -- around ------------------------------------------------------------------------------------------------------------


async def test_around_runs_before_anything_is_read_and_sees_the_response() -> None:
    log: list[Any] = []
    app = App()

    @app.post("/orders", policies=[Note(log), Outer(log, "outer")])
    async def create(order: Order) -> Order:
        log.append("endpoint")
        return order

    await fetch(app, "POST /orders", b'{"sku": "a"}', JSON)
    assert log == ["outer starts", "note starts", "endpoint", "note 200", "outer 200"]


async def test_around_sees_the_responses_to_exceptions() -> None:
    log: list[Any] = []
    app = App()

    @app.get("/{number}", policies=[Note(log), Outer(log, "outer")])
    async def read(number: int) -> int:
        raise HTTPException(404)

    assert (await fetch(app, "GET /1")).status == 404
    assert (await fetch(app, "GET /x")).status == 422
    assert log == [
        "outer starts", "note starts", "note 404", "outer 404", "outer starts", "note starts", "note 422", "outer 422",
    ]  # fmt: skip


async def test_an_exception_without_a_handler_passes_through_and_is_a_500() -> None:
    log: list[Any] = []
    app = App()

    @app.get("/", policies=[Note(log), Outer(log, "outer")])
    async def fail() -> None:
        raise ZeroDivisionError

    found = await call(app)
    assert (found.status, type(found.error)) == (500, ZeroDivisionError)
    assert log == ["outer starts", "note starts", "note ZeroDivisionError", "outer ZeroDivisionError"]


class KeepBack(Policy):
    """Keeps the response back, and fails."""

    async def around(self, exchange: Exchange, receive: Receive, send: Send, call_next: CallNext) -> None:
        async def drop(message: Any) -> None:
            pass

        await call_next(receive, drop)
        raise HTTPException(409) if exchange.scope["path"] == "/handled" else ZeroDivisionError


@pytest.mark.parametrize(("path", "status"), [("/handled", 409), ("/unhandled", 500)])
async def test_a_response_that_was_kept_back_does_not_count_as_started(path: str, status: int) -> None:
    app = App()

    @app.get("/{word}", policies=[KeepBack()])
    async def read(word: str) -> str:
        return word

    found = await call(app, path)
    assert (found.status, found.is_complete) == (status, True)


async def test_exceptions_of_a_policy_are_formatted_like_those_of_the_endpoint() -> None:
    class Format(ProblemFormat):
        media_type = "application/vnd.own+json"

    app = App()

    @app.get("/handled", policies=[KeepBack()], errors=Format())
    async def read() -> str:
        return "word"

    assert (await fetch(app, "GET /handled")).headers["content-type"] == "application/vnd.own+json"


async def test_exception_handlers_of_the_application_respond_inside_of_policies() -> None:
    log: list[Any] = []
    app = App()

    @app.exception_handler(KeyError)
    async def missing(request: Request, exc: Exception) -> Response:
        return JSONResponse({"body": (await request.body()).decode()}, 410)

    @app.post("/", policies=[Note(log)])
    async def fail(order: Order) -> None:
        raise KeyError

    found = await fetch(app, "POST /", b'{"sku": "a"}', JSON)
    assert (found.status, found.json, log) == (410, {"body": '{"sku": "a"}'}, ["note starts", "note 410"])


async def test_an_operation_with_own_middleware_around_the_application_is_the_same() -> None:
    log: list[Any] = []
    app = App()

    @app.middleware("http")
    async def passing(request: Request, call_next: Any) -> Any:
        return await call_next(request)

    @app.get("/", policies=[Note(log), Counted()])
    async def read(visits: Visits) -> int:
        raise HTTPException(404)

    found = await fetch(app, "GET /")
    assert (found.status, found.headers["x-visits"], log) == (404, "1", ["note starts", "note 404"])


# -- the guard phase ---------------------------------------------------------------------------------------------------


async def test_a_guard_ends_the_request_with_its_response_before_the_body_is_read() -> None:
    app, called = App(), []

    @app.api_route("/", methods=["GET", "POST"], policies=[Gate()])
    async def create(order: Order) -> Order:
        called.append(order)
        return order

    found = await fetch(app, "POST /", b"no JSON", {**JSON, "x-gate": "response"})
    assert (found.status, found.text, found.headers["x-gate"], called) == (203, "not today", "anybody", [])
    assert found.receives == 0
    assert (await fetch(app, "POST /", b'{"sku": "a"}', JSON)).status == 200


async def test_a_problem_of_a_guard_is_a_response_with_its_headers() -> None:
    app = App()

    @app.get("/", policies=[Gate(), Counted()])
    async def read() -> int:
        return 1

    found = await fetch(app, "GET /", headers={"x-gate": "problem"})
    assert (found.status, found.json["title"], found.headers["retry-after"]) == (418, "Closed", "60")


async def test_security_guards_run_before_guards_of_policies() -> None:
    app = App()

    @app.get("/", policies=[Gate()])
    async def read(key: Annotated[str, Security(with_key)]) -> str:
        return key

    assert (await fetch(app, "GET /", headers={"x-gate": "response"})).status == 401
    assert (await fetch(app, "GET /", headers={"x-gate": "response", "x-key": "secret"})).status == 203


async def test_a_guard_shares_its_dependencies_with_the_endpoint() -> None:
    calls: list[str] = []

    async def user() -> str:
        calls.append("user")
        return "ada"

    app = App()

    @app.get("/", policies=[Gate(by=user)])
    async def read(user: Annotated[str, Depends(user)]) -> str:
        return user

    found = await fetch(app, "GET /")
    assert (found.headers["x-gate"], found.text, calls) == ("ada", "ada", ["user"])
    with app.override(user, lambda: "bob"):
        assert (await fetch(app, "GET /")).headers["x-gate"] == "bob"


async def test_open_dependencies_are_closed_as_after_a_response_of_the_endpoint() -> None:
    log: list[str] = []

    async def session() -> AsyncIterator[str]:
        try:
            yield "session"
        except BaseException:
            log.append("failed")
            raise
        log.append("closed")

    app = App()

    @app.get("/", policies=[Gate(by=session)])
    async def read(session: Annotated[str, Depends(session)]) -> str:
        return session

    await fetch(app, "GET /", headers={"x-gate": "response"})
    assert log == ["closed"]
    await fetch(app, "GET /", headers={"x-gate": "problem"})
    assert log == ["closed", "failed"]


@pytest.mark.parametrize("parts", [1, 9])
async def test_a_policy_reads_a_body_that_a_dependency_has_read(parts: int) -> None:
    app = App()

    async def read(request: Request) -> None:
        chunks = request.stream()
        for _ in range(parts):
            await anext(chunks, None)

    @app.post("/", policies=[BodyLength()], dependencies=[Depends(read)])
    async def run() -> str:
        return "done"

    with anyio.fail_after(5):
        assert (await call(app, "/", "POST", body=[b"one", b"three"])).headers["x-length"] == "8"


async def test_a_guard_reads_the_body_under_the_limit_of_the_operation_and_the_endpoint_reads_it_again() -> None:
    app = App()

    @app.post("/", policies=[BodyLength()], max_body_size=20)
    async def create(order: Order, request: Request) -> bytes:
        return await request.body()

    found = await fetch(app, "POST /", b'{"sku": "a"}', JSON)
    assert (found.status, found.headers["x-length"], found.body) == (200, "12", b'{"sku": "a"}')
    assert (await call(app, "/", "POST", headers=JSON, body=[b'{"sku": ', b'"' + b"a" * 20 + b'"}'])).status == 413


async def test_exchange_body_needs_a_declaration() -> None:
    class Forgetful(BodyLength):
        reads_body = False

    app = App()

    @app.post("/", policies=[Forgetful()])
    async def create() -> None: ...

    with pytest.raises(RuntimeError, match="reads_body = True"):
        await fetch(app, "POST /")


# -- values ------------------------------------------------------------------------------------------------------------


async def test_handlers_and_dependencies_take_values_of_policies() -> None:
    app = App()

    async def twice(visits: Visits) -> int:
        return 2 * visits.count

    @app.get("/", policies=[Counted()])
    async def read(visits: Visits, double: Annotated[int, Depends(twice)]) -> list[int]:
        return [visits.count, double]

    assert (await fetch(app, "GET /")).json == [1, 2]
    assert (await fetch(app, "GET /")).json == [2, 4]


async def test_an_optional_value_is_none_without_the_policy() -> None:
    app = App()

    @app.get("/")
    async def read(visits: Visits | None = None) -> bool:
        return visits is None

    @app.get("/other", policies=[Note([])])
    async def other(visits: Visits | None) -> bool:
        return visits is None

    assert [(await fetch(app, f"GET {path}")).json for path in ("/", "/other")] == [True, True]


async def test_a_value_that_is_not_set_yet_is_an_error_that_says_so() -> None:
    async def early(visits: Visits) -> str:
        return str(visits.count)

    app = App()

    @app.get("/", policies=[Gate(by=early), Counted()])
    async def read() -> None: ...

    with pytest.raises(LookupError, match="no policy has set a `Visits` yet"):
        await fetch(app, "GET /")


# -- where they are declared -------------------------------------------------------------------------------------------


async def test_the_innermost_policy_of_a_class_counts() -> None:
    log: list[Any] = []
    router = Router(prefix="/r", policies=[Note(log, "router")])
    app = App(policies=[Note(log, "app")])

    @app.get("/plain")
    async def plain() -> None: ...

    @router.get("/inner")
    async def inner() -> None: ...

    @router.get("/own", policies=[Note(log, "own")])
    async def own() -> None: ...

    @router.get("/off", policies=[Off(Note)])
    async def off() -> None: ...

    app.include_router(router)
    for path in ("/plain", "/r/inner", "/r/own", "/r/off"):
        await fetch(app, f"GET {path}")
    assert log[::2] == ["app starts", "router starts", "own starts"]


async def test_a_subclass_replaces_a_policy_and_another_class_does_not() -> None:
    log: list[Any] = []
    app = App(policies=[Note(log, "app"), Counted()])

    @app.get("/", policies=[Louder(log, "own")])
    async def read(visits: Visits) -> int:
        return visits.count

    assert (await fetch(app, "GET /")).json == 1
    assert log == ["own starts", "own 200"]


async def test_include_router_declares_and_removes_policies() -> None:
    log: list[Any] = []
    app = App(policies=[Note(log, "app")])
    router = Router()

    @router.get("/")
    async def read() -> None: ...

    app.include_router(router, prefix="/a", policies=[Note(log, "include")])
    app.include_router(router, prefix="/b", policies=[Off(Policy)])
    await fetch(app, "GET /a/")
    await fetch(app, "GET /b/")
    assert log == ["include starts", "include 204"]


async def test_a_policy_of_a_place_is_opened_once_for_all_its_operations() -> None:
    app = App(policies=[Counted()])

    @app.get("/a")
    async def a(visits: Visits) -> int:
        return visits.count

    @app.get("/b")
    async def b(visits: Visits) -> int:
        return visits.count

    assert [(await fetch(app, f"GET {path}")).json for path in ("/a", "/b", "/a")] == [1, 2, 3]


async def test_one_policy_on_two_operations_is_opened_for_each() -> None:
    policy = Counted()
    app = App()

    @app.get("/a", policies=[policy])
    async def a(visits: Visits) -> int:
        return visits.count

    @app.get("/b", policies=[policy])
    async def b(visits: Visits) -> int:
        return visits.count

    assert [(await fetch(app, f"GET {path}")).json for path in ("/a", "/b", "/a")] == [1, 1, 2]


async def test_routes_that_are_passed_to_a_router_have_its_policies() -> None:
    from signette.declarative.routing.routes import TypedRoute

    async def read(visits: Visits | None = None) -> bool:
        return visits is not None

    app = App(routes=[TypedRoute("/typed", read)], policies=[Counted()])
    app.routes.append(TypedRoute("/appended", read))
    app.routes.append(TypedRoute("/off", read, policies=[Off(Counted)]))
    assert [(await fetch(app, f"GET {path}")).json for path in ("/typed", "/appended", "/off")] == [True, True, False]


async def plain(request: Request) -> Response:
    return PlainTextResponse("plain")


async def test_plain_routes_and_mounts_have_the_policies_of_their_router() -> None:
    log: list[Any] = []
    router = Router(routes=[Route("/route", plain), Mount("/mount", Application(routes=[Route("/x", plain)]))])
    app = App(policies=[Note(log), Counted(), Gate()])
    app.include_router(router, prefix="/r")
    app.mount("/late", Application(routes=[Route("/x", plain)]))
    for path in ("/r/route", "/r/mount/x", "/late/x"):
        found = await fetch(app, f"GET {path}")
        # Of a mount the methods are not known, so a policy for GET cannot apply.
        assert (found.text, found.headers.get("x-gate")) == ("plain", "anybody" if "route" in path else None)
    assert log == ["note starts", "note 200"] * 3
    assert found.headers["x-visits"] == "3"


async def test_a_mounted_application_keeps_its_own_policies() -> None:
    inner = App(policies=[Counted()])

    @inner.get("/x")
    async def read(visits: Visits) -> int:
        return visits.count

    log: list[Any] = []
    app = App(policies=[Note(log)])
    app.mount("/in", inner)
    assert (await fetch(app, "GET /in/x")).json == 1
    assert log == ["note starts", "note 200"]


async def test_the_default_application_has_policies_and_documents_have_not() -> None:
    log: list[Any] = []

    async def default(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("default")(scope, receive, send)

    router = Router(policies=[Note(log)], default=default)
    app = App(policies=[Note(log, "app")])
    app.mount("/r", router)
    await fetch(app, "GET /openapi.json")
    assert log == []
    assert (await fetch(app, "GET /r/missing")).text == "default"
    assert log == ["app starts", "note starts", "note 200", "app 200"]


async def test_policies_apply_to_websockets_if_they_can() -> None:
    log: list[Any] = []
    app = App(policies=[Note(log), Gate(), Counted()])

    @app.websocket("/ws")
    async def talk(socket: WebSocket, visits: Visits) -> None:
        await socket.accept()
        await socket.close()

    found = await connect(app, "/ws")
    assert found.types == ["websocket.accept", "websocket.close"]
    assert (b"x-visits", b"1") in found.messages[0]["headers"]
    assert "`Gate` does not apply to WebSockets" in app.explain("WEBSOCKET /ws")


async def test_policies_survive_pickling_and_overrides() -> None:
    app = App(policies=[Counted()])

    @app.get("/")
    async def read(visits: Visits) -> int:
        return visits.count

    assert (await fetch(app, "GET /")).json == 1
    again = pickle.loads(cloudpickle.dumps(app))
    assert (await fetch(again, "GET /")).json == 1
    with app.override(with_key, lambda: "x"):
        assert (await fetch(app, "GET /")).json == 2


async def test_a_route_without_an_application_has_its_policies() -> None:
    router = Router(policies=[Counted()])

    @router.get("/")
    async def read(visits: Visits) -> int:
        return visits.count

    assert [(await fetch(router, "GET /")).json for _ in range(2)] == [1, 2]


async def test_a_stream_passes_through_a_policy() -> None:
    log: list[Any] = []
    app = App()

    @app.get("/", policies=[Note(log)])
    async def lines() -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"a"
            yield b"b"

        return StreamingResponse(chunks())

    assert (await fetch(app, "GET /")).body == b"ab"
    assert log == ["note starts", "note 200"]


# -- what is rejected --------------------------------------------------------------------------------------------------


def test_an_own_policy_that_cannot_apply_is_an_error_and_one_of_a_router_is_left_out() -> None:
    app = App(policies=[Gate()])

    @app.post("/shared")
    async def shared() -> None: ...

    with pytest.raises(SignatureError, match="`Gate` is for GET, not for POST"):
        app.post("/own", policies=[Gate()])(shared)
    assert "policy   Gate() of the application   not applied: `Gate` is for GET" in app.explain("POST /shared")


@pytest.mark.parametrize("declare", [App, Router, lambda **options: App().get("/", **options)(lambda: None)])
@pytest.mark.parametrize("policies", [[Note], Note([]), "Note", [3], [Note([]), Note([])], [Off(Note), Note([])]])
def test_the_option_is_checked(declare: Any, policies: Any) -> None:
    with pytest.raises(SignatureError, match="policies"):
        declare(policies=policies)


def test_off_takes_a_class_of_policies() -> None:
    with pytest.raises(TypeError, match="takes the class of a policy"):
        Off(Note([]))  # type: ignore[arg-type]


def test_a_guard_cannot_read_the_body() -> None:
    async def from_body(order: Order) -> str:
        return order.sku

    app = App()
    with pytest.raises(SignatureError, match="its parameter `order` is read from the body"):

        @app.api_route("/", methods=["GET", "POST"], policies=[Gate(by=from_body)])
        async def create() -> None: ...


def test_values_need_their_policy() -> None:
    async def read(visits: Visits) -> None: ...

    app = App()
    with pytest.raises(SignatureError, match="is the value of a policy, which does not apply"):
        app.get("/")(read)
    with pytest.raises(SignatureError, match="must be `None`"):

        @app.get("/", policies=[Counted()])
        async def other(visits: Visits = Visits(3)) -> None: ...


def test_two_policies_cannot_count_as_one() -> None:
    app = App()
    for path in ("/a", "/b"):
        router = Router(policies=[Counted()])
        router.get(path)(plain_endpoint)
        app.include_router(router)
    with pytest.raises(SignatureError, match=r"would count together, as `router`"):
        app.build_middleware_stack()


async def plain_endpoint() -> None: ...


def test_webhooks_and_callbacks_have_no_policies() -> None:
    app = App(policies=[Counted()])
    with pytest.raises(SignatureError, match="must be a list of policies"):
        app.webhooks.post("new", policies=Counted())(plain_endpoint)  # type: ignore[arg-type]
    with pytest.raises(SignatureError, match="webhook or callback"):
        app.webhooks.post("new", policies=[Counted()])(plain_endpoint)
    callbacks = Router(policies=[Counted()])
    callbacks.post("{$request.body#/url}")(plain_endpoint)
    with pytest.raises(SignatureError, match="webhook or callback"):
        callbacks.post("{$request.body#/url}", policies=[Counted()])(plain_endpoint)


# -- what is shown -----------------------------------------------------------------------------------------------------


def test_the_document_has_the_problems_headers_and_parameters_of_policies() -> None:
    app = App()

    @app.get("/", policies=[Gate()])
    async def read() -> int:
        return 1

    operation = app.openapi()["paths"]["/"]["get"]
    assert sorted(operation["responses"]) == ["200", "304", "418"]
    assert operation["responses"]["200"]["headers"]["X-Gate"]["description"] == "Whether the gate was open."
    assert operation["responses"]["418"]["headers"]["Retry-After"]["description"] == "Seconds to wait."
    assert operation["responses"]["418"]["content"]["application/problem+json"]["schema"]
    assert operation["responses"]["304"] == {"description": "Nothing has changed."}
    assert [each["name"] for each in operation["parameters"]] == ["x-gate"]


def test_a_repr_shows_the_call_without_defaults() -> None:
    assert repr(Gate()) == "Gate()"
    assert repr(Gate(by=with_key)) == "Gate(with_key)"
    assert repr(Gate(by=APIKeyHeader(name="X-Key"))) == "Gate(APIKeyHeader)"
    assert repr(Counted(name="x")) == "Counted(name='x')"
    assert repr(Off(Gate)) == "Off(Gate)"


async def test_limits_hold_for_bodies_that_a_policy_reads() -> None:
    app = App(limits=Limits(body_bytes=10))

    @app.post("/", policies=[BodyLength()])
    async def create() -> None: ...

    assert (await fetch(app, "POST /", b"x" * 11)).status == 413

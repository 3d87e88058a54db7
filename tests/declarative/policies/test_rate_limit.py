"""`RateLimit`: what is counted, by what, and what clients see."""

import re
import subprocess
import sys
from typing import Annotated, Any
from uuid import UUID

import pytest

from signette.app import App, Router
from signette.applications import Application
from signette.declarative.errors.base import SignatureError
from signette.declarative.policies import rate_counters
from signette.declarative.policies.rate_limit import RateLimit, RateLimitState, address_key, text_of_key
from signette.declarative.security.schemes import APIKeyHeader
from signette.declarative.signature.marker_functions import Depends, Header, Security
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.state.backend import Backend
from signette.state.memory import MemoryStore
from signette.websockets import WebSocket
from tests.asgi import DENIAL, JSON, connect, fetch
from tests.declarative.policies.clock import Clock
from tests.docs.pages import ROOT

pytestmark = pytest.mark.either_loop


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


async def user_id(x_user: Annotated[str | None, Header()] = None) -> str | None:
    return x_user


def limited(limit: str = "2/minute", **options: Any) -> App:
    app = App()

    @app.get("/", policies=[RateLimit(limit, **options)])
    async def read() -> str:
        return "all is well"

    return app


async def statuses(app: Any, times: int, path: str = "/", **options: Any) -> list[int]:
    return [(await fetch(app, f"GET {path}", **options)).status for _ in range(times)]


async def test_requests_over_the_limit_are_rejected_until_the_window_ends(clock: Clock) -> None:
    app = limited()
    assert await statuses(app, 3) == [200, 200, 429]
    clock.advance(59)
    assert await statuses(app, 1) == [429]
    clock.advance(1)
    assert await statuses(app, 3) == [200, 200, 429]


async def test_a_client_sees_what_is_left_and_when_to_try_again(clock: Clock) -> None:
    app = limited()
    found = await fetch(app, "GET /")
    assert found.headers["ratelimit"] == '"2/minute";r=1;t=60'
    assert found.headers["ratelimit-policy"] == '"2/minute";q=2;w=60'
    clock.advance(20.5)
    await fetch(app, "GET /")
    found = await fetch(app, "GET /")
    assert found.headers["ratelimit"] == '"2/minute";r=0;t=40'
    assert (found.status, found.headers["retry-after"]) == (429, "40")
    assert found.headers["content-type"] == "application/problem+json"
    assert found.json == {
        "type": "urn:problem-type:too-many-requests",
        "title": "Too many requests",
        "status": 429,
        "detail": "The rate limit of 2/minute is exceeded. Try again in 40 s.",
        "limit": "2/minute",
        "retry_after": 40,
    }


async def test_several_windows_all_count(clock: Clock) -> None:
    app = limited("4/minute; 2/second")
    assert await statuses(app, 3) == [200, 200, 429]
    clock.advance(1)
    found = await fetch(app, "GET /")
    assert found.headers["ratelimit"] == '"2/second";r=1;t=1, "4/minute";r=1;t=59'
    assert await statuses(app, 1) == [200]
    clock.advance(1)
    found = await fetch(app, "GET /")
    assert (found.status, found.json["limit"], found.headers["retry-after"]) == (429, "4/minute", "58")


@pytest.mark.parametrize(("strategy", "last"), [("moving-window", [200, 429]), ("sliding-window-counter", [200, 429])])
async def test_other_strategies_do_not_let_twice_the_amount_pass_at_the_end_of_a_window(
    strategy: str, last: list[int], clock: Clock
) -> None:
    app = limited("4/minute", strategy=strategy)
    assert await statuses(app, 5) == [200, 200, 200, 200, 429]
    clock.advance(60 + 20)
    assert (await statuses(app, 4)).count(200) >= 2
    assert (await fetch(app, "GET /")).status == 429


async def test_each_address_counts_by_itself() -> None:
    app = limited("1/minute")
    for host in ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8:0:1::1"):
        assert await statuses(app, 2, client=(host, 1)) == [200, 429]
    assert await statuses(app, 1, client=("2001:db8::2", 1)) == [429]
    assert await statuses(app, 1, client=("::ffff:192.0.2.1", 1)) == [429]
    assert await statuses(app, 2, client=None) == [200, 429]


async def test_forwarded_addresses_are_not_read() -> None:
    app = limited("1/minute")
    await fetch(app, "GET /", headers={"x-forwarded-for": "192.0.2.1", "forwarded": "for=192.0.2.1"})
    headers = {"x-forwarded-for": "192.0.2.2", "forwarded": "for=192.0.2.2"}
    assert (await fetch(app, "GET /", headers=headers)).status == 429


def test_an_address_is_counted_in_one_spelling() -> None:
    assert address_key({"client": ("::1%eth0", 1)}) == address_key({"client": ("::2", 1)})
    assert address_key({"client": ("testclient", 1)}) == "address testclient"
    assert address_key({}) == address_key({"client": None}) == "address "


async def test_by_a_dependency_each_key_counts_and_none_means_the_address() -> None:
    app = limited("1/minute", by=user_id)
    assert await statuses(app, 2, headers={"x-user": "ada"}) == [200, 429]
    assert await statuses(app, 2, headers={"x-user": "bob"}) == [200, 429]
    assert await statuses(app, 2) == [200, 429]
    assert await statuses(app, 1, client=("192.0.2.9", 1)) == [200]


async def test_by_a_security_scheme_counts_clients_that_it_lets_in() -> None:
    key = APIKeyHeader(name="X-Key")
    app = limited("1/minute", by=key)
    assert await statuses(app, 2) == [401, 401]
    assert await statuses(app, 2, headers={"x-key": "a"}) == [200, 429]
    assert app.openapi()["paths"]["/"]["get"]["security"] == [{"APIKeyHeader": []}]


async def test_by_address_counts_before_the_security_guards_and_by_a_key_after_them() -> None:
    def rejected(x_key: Annotated[str | None, Header()] = None) -> None:
        from signette.exceptions import HTTPException

        if x_key is None:
            raise HTTPException(401)

    app = App()
    for path, by in (("/address", None), ("/key", user_id)):
        app.get(path, policies=[RateLimit("1/minute", by=by)], dependencies=[Security(rejected)])(plain_endpoint)
    assert await statuses(app, 2, "/address") == [401, 429]
    assert await statuses(app, 2, "/key") == [401, 401]
    assert await statuses(app, 2, "/key", headers={"x-key": "k", "x-user": "ada"}) == [200, 429]


async def plain_endpoint() -> str:
    return "plain"


@pytest.mark.parametrize("by", [None, user_id])
async def test_the_body_is_not_read_over_the_limit(by: Any) -> None:
    app = App()

    @app.post("/", policies=[RateLimit("1/minute", by=by)])
    async def create(order: dict[str, int]) -> dict[str, int]:
        return order

    assert (await fetch(app, "POST /", b"{}", JSON)).status == 200
    found = await fetch(app, "POST /", b"no JSON", JSON)
    assert (found.status, found.receives) == (429, 0)


async def test_a_request_can_cost_more() -> None:
    app = limited("5/minute", cost=2)
    assert await statuses(app, 3) == [200, 200, 429]

    async def pages(count: int = 1) -> int:
        return count

    app = limited("5/minute", cost=pages)
    assert (await fetch(app, "GET /?count=4")).headers["ratelimit"].startswith('"5/minute";r=1;')
    assert await statuses(app, 1, "/?count=2") == [429]


async def test_handlers_take_what_is_left() -> None:
    app = App()

    @app.get("/", policies=[RateLimit("10/minute; 2/second")])
    async def read(limit: RateLimitState) -> list[int]:
        return [limit.limit, limit.remaining]

    assert (await fetch(app, "GET /")).json == [2, 1]


async def test_operations_count_by_themselves_and_a_router_counts_them_together() -> None:
    limit = RateLimit("1/minute")
    app, router = App(), Router(policies=[RateLimit("1/minute")])
    for path in ("/a", "/b"):
        app.get(path, policies=[limit])(plain_endpoint)
        router.get(path)(plain_endpoint)
    app.include_router(router, prefix="/r")
    assert [await statuses(app, 1, path) for path in ("/a", "/b", "/a", "/r/a", "/r/b")] == [
        [200], [200], [429], [200], [429],
    ]  # fmt: skip


async def test_an_inner_limit_replaces_that_of_the_application() -> None:
    app = App(policies=[RateLimit("1/minute")])
    app.get("/", policies=[RateLimit("2/minute")])(plain_endpoint)
    assert await statuses(app, 3) == [200, 200, 429]


async def test_mounts_and_plain_routes_are_limited() -> None:
    async def plain(request: Request) -> Response:
        return PlainTextResponse("plain")

    app = App(
        policies=[RateLimit("2/minute")],
        routes=[Route("/route", plain), Mount("/mount", Application(routes=[Route("/x", plain)]))],
    )
    assert [(await fetch(app, f"GET {path}")).status for path in ("/route", "/mount/x", "/mount/x")] == [200, 200, 429]


@pytest.mark.parametrize("by", [None, user_id])
async def test_a_websocket_is_rejected_at_the_handshake(by: Any) -> None:
    app = App(policies=[RateLimit("1/minute", by=by)])

    @app.websocket("/ws")
    async def talk(socket: WebSocket, limit: RateLimitState) -> None:
        await socket.accept()
        await socket.close()

    first = await connect(app, "/ws")
    assert first.types == ["websocket.accept", "websocket.close"]
    assert b"ratelimit" in dict(first.messages[0]["headers"])
    denied = await connect(app, "/ws", extensions=DENIAL)
    assert (denied.status, denied.headers["retry-after"]) == (429, "60")
    assert (await connect(app, "/ws")).types == ["websocket.close"]


def test_the_document_has_the_429_and_the_header_fields() -> None:
    app = limited()
    responses = app.openapi()["paths"]["/"]["get"]["responses"]
    assert sorted(responses) == ["200", "429"]
    assert sorted(responses["200"]["headers"]) == ["RateLimit", "RateLimit-Policy"]
    assert sorted(responses["429"]["headers"]) == ["RateLimit", "RateLimit-Policy", "Retry-After"]
    assert list(responses["429"]["content"]) == ["application/problem+json"]
    closed = limited(on_failure="closed").openapi()["paths"]["/"]["get"]["responses"]
    assert sorted(closed) == ["200", "429", "503"]


def test_explain_has_a_line() -> None:
    app = limited("5/minute", by=user_id, on_failure="closed")
    assert "  policy   RateLimit('5/minute', by=user_id, on_failure='closed')" in app.explain("GET /")


# -- names in header fields, and keys ----------------------------------------------------------------------------------


async def test_a_name_is_that_of_the_header_fields() -> None:
    found = await fetch(limited("5/minute", name='say "x"'), "GET /")
    assert found.headers["ratelimit-policy"] == '"say \\"x\\"";q=5;w=60'
    found = await fetch(limited("5/minute; 2/second", name="orders"), "GET /")
    assert found.headers["ratelimit"] == '"orders 2/second";r=1;t=1, "orders 5/minute";r=4;t=60'


def test_keys_have_one_text_and_objects_have_none() -> None:
    assert text_of_key(UUID(int=3)) == "UUID 00000000-0000-0000-0000-000000000003"
    assert text_of_key(b"\xff") == "bytes ff"
    assert text_of_key(7) == "int 7"
    assert text_of_key("7") == "str 7"
    with pytest.raises(TypeError, match="returned a `object`"):
        text_of_key(object())


async def test_what_is_counted_by_is_not_in_the_storage() -> None:
    app = limited(by=user_id)
    await fetch(app, "GET /", headers={"x-user": "secret-key"})
    [windows] = rate_counters.engine_of(app.backend).storage._windows.values()
    assert not any("secret-key" in key for key in windows)


# -- when the engine is down -------------------------------------------------------------------------------------------


class Down:
    """Counters whose engine cannot be reached, until it is `up`."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.is_up = False

    async def hit(self, *args: Any) -> Any:
        from signette.state.unavailable import StateUnavailable

        if not self.is_up:
            raise StateUnavailable("no connection")
        return await self.inner.hit(*args)


@pytest.fixture
def down(monkeypatch: pytest.MonkeyPatch) -> list[Down]:
    found: list[Down] = []
    opened = RateLimit.open

    def open_down(self: RateLimit, context: Any) -> Any:
        counters, name = opened(self, context)
        found.append(Down(counters))
        return found[-1], name

    monkeypatch.setattr(RateLimit, "open", open_down)
    return found


@pytest.mark.parametrize(("on_failure", "status"), [("open", 200), ("closed", 503)])
async def test_without_the_engine_requests_end_as_on_failure_says_and_one_line_is_logged(
    on_failure: Any, status: int, down: list[Down], caplog: pytest.LogCaptureFixture
) -> None:
    app = App()

    @app.get("/", policies=[RateLimit("2/minute", on_failure=on_failure)])
    async def read(limit: RateLimitState) -> int:
        return limit.remaining

    assert await statuses(app, 3) == [status] * 3
    found = await fetch(app, "GET /")
    assert "ratelimit" not in found.headers
    if status == 503:
        assert (found.json["title"], found.headers["retry-after"]) == ("Service unavailable", "5")
    assert [record.message for record in caplog.records if record.name == "signette.policies"] == [
        "state engine unavailable: no connection"
    ]
    down[0].is_up = True
    assert await statuses(app, 3) == [200, 200, 429]
    assert [record.levelname for record in caplog.records if record.name == "signette.policies"] == ["ERROR", "WARNING"]


# -- what is rejected --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"limit": "many"}, "'many' is not a rate limit; write it as '100/minute'"),
        ({"limit": ""}, "not a rate limit"),
        ({"limit": 3}, "3 is not a rate limit"),
        ({"limit": "0/minute"}, "allows no request"),
        ({"limit": "1/minute; 5/60 seconds"}, "two windows of the same length"),
        ({"limit": "1/100 years"}, "has a window that is too long"),
        ({"limit": f"{10**15}/minute"}, "has too many requests"),
        ({"cost": 3}, "`cost=3` must be an integer from 1 to 2"),
        ({"cost": 0}, "`cost=0` must be an integer from 1 to 2"),
        ({"cost": 1.5}, "`cost=1.5` must be an integer from 1 to 2"),
        ({"name": 5}, "printable ASCII"),
        ({"strategy": "leaky"}, "use one of 'fixed-window'"),
        ({"by": "address"}, "must be a dependency"),
        ({"name": "größe"}, "printable ASCII"),
        ({"on_failure": "ignore"}, "use 'open' or 'closed'"),
    ],
)
def test_invalid_arguments_are_rejected(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        RateLimit(**{"limit": "2/minute", **arguments})


async def test_the_type_of_a_key_may_be_defined_later() -> None:
    async def key(x_key: Annotated[str, Header()]) -> Any:
        return x_key

    key.__annotations__["return"] = "DefinedLater"
    app = App()

    @app.get("/", policies=[RateLimit("1/minute", by=key)])
    async def read() -> int:
        return 1

    key.__globals__["DefinedLater"] = str
    try:
        assert [(await fetch(app, "GET /", headers={"x-key": "a"})).status for _ in range(2)] == [200, 429]
    finally:
        del key.__globals__["DefinedLater"]


def test_a_key_must_have_a_text() -> None:
    class User:
        id = 1

    async def current_user() -> User:
        return User()

    app = App()
    with pytest.raises(SignatureError, match="`by=current_user` returns `User`"):
        app.get("/", policies=[RateLimit("1/minute", by=current_user)])(plain_endpoint)
    with pytest.raises(SignatureError, match="`cost=current_user` returns `User`"):
        app.get("/", policies=[RateLimit("1/minute", cost=current_user)])(plain_endpoint)


def test_without_limits_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_counters, "limits", None)
    with pytest.raises(ImportError, match=re.escape("pip install 'signette[rate-limits]'")):
        RateLimit("1/minute")


def test_an_engine_that_is_an_object_is_an_error_at_the_start() -> None:
    app = App(state=Backend(overrides={"rate-limits": MemoryStore()}), policies=[RateLimit("1/minute")])
    app.get("/")(plain_endpoint)
    with pytest.raises(ValueError, match="purpose 'rate-limits' has no URL"):
        app.build_middleware_stack()


async def test_a_dependency_of_by_may_be_shared_with_the_endpoint() -> None:
    calls: list[str] = []

    async def current(x_user: Annotated[str, Header()]) -> str:
        calls.append(x_user)
        return x_user

    app = App()

    @app.get("/", policies=[RateLimit("1/minute", by=current)])
    async def read(user: Annotated[str, Depends(current)]) -> str:
        return user

    assert (await fetch(app, "GET /", headers={"x-user": "ada"})).text == "ada"
    assert calls == ["ada"]


def test_other_policies_do_not_need_limits():
    code = (
        "import sys; sys.modules['limits'] = None; from signette.policies import Cached, Idempotent; print(Cached(1))"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (found.stdout, found.stderr) == ("Cached(1)\n", "")

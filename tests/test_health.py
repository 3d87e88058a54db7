"""`/livez` and `/readyz`: what they respond, what they run, and what they show."""

import logging
import threading
from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
import cloudpickle
import pytest

from signette import App, Depends, draining
from signette._per_loop import PerLoop
from signette.declarative.errors.base import SignatureError
from signette.draining import Draining, current_draining
from signette.health import Health, NotReady
from signette.policies import RateLimit
from signette.state.backend import Backend
from signette.state.unavailable import StateUnavailable
from signette.testclient import TestClient
from tests.asgi import Exchange, fetch
from tests.timeouts import SECONDS

SECRET = "redis://user:password@host"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "_of_loops", PerLoop(Draining))


async def readiness(app: App) -> Exchange:
    """The response of `/readyz` while the application runs."""
    async with app.router.lifespan_context(app):
        return await fetch(app, "GET /readyz")


async def test_an_application_has_no_health_routes_by_default() -> None:
    assert (await fetch(App(), "GET /livez")).status == 404
    assert (await fetch(App(), "GET /readyz")).status == 404


async def test_livez_responds_whenever_requests_are_handled() -> None:
    current_draining().stop()
    alive = await fetch(App(health=True), "GET /livez")
    assert (alive.status, alive.json, alive["cache-control"]) == (200, {"status": "alive"}, "no-store")
    assert (await fetch(App(health=True), "HEAD /livez")).status == 200


async def test_an_application_that_runs_is_ready() -> None:
    ready = await readiness(App(health=True))
    assert (ready.status, ready["cache-control"]) == (200, "no-store")
    assert ready.json == {"status": "ready", "checks": {"state": "ok"}}


async def test_it_is_not_ready_before_it_has_started() -> None:
    response = await fetch(App(health=True), "GET /readyz")
    assert (response.status, response["content-type"]) == (503, "application/problem+json")
    assert (response.json["reason"], response.json["checks"]) == ("starting", {})


async def test_it_is_not_ready_while_it_drains_and_runs_no_checks() -> None:
    calls = []
    app = App(health=Health(_counted(calls)))
    async with app.router.lifespan_context(app):
        current_draining().begin()
        response = await fetch(app, "GET /readyz")
    assert (response.status, response["cache-control"]) == (503, "no-store")
    assert (response.json["reason"], calls) == ("draining", [])


def _counted(calls: list[int]) -> Any:
    async def counted() -> None:
        calls.append(1)

    return counted


async def pool() -> AsyncIterator[dict[str, str]]:
    yield {"is": "open"}


Pool = Annotated[dict[str, str], Depends(pool, scope="app")]


async def test_checks_have_dependencies_and_run_each_time() -> None:
    health, seen = Health(), []

    @health.check
    async def database(pool: Pool) -> None:
        seen.append(pool["is"])

    @health.check
    def disk() -> bool:
        return True

    app = App(health=health)
    async with app.router.lifespan_context(app):
        for _ in range(2):
            response = await fetch(app, "GET /readyz")
    assert response.json["checks"] == {"state": "ok", "database": "ok", "disk": "ok"}
    assert seen == ["open", "open"]


async def test_a_check_that_raises_or_returns_false_fails_and_shows_no_secret() -> None:
    async def broken() -> None:
        raise ValueError(SECRET)

    def refused() -> bool:
        return False

    response = await readiness(App(health=Health(broken, refused)))
    assert response.status == 503
    assert response.json["reason"] == "checks"
    assert response.json["checks"] == {"state": "ok", "broken": "failed", "refused": "failed"}
    assert SECRET not in response.text


async def test_a_check_has_a_timeout() -> None:
    async def slow() -> None:
        await anyio.sleep_forever()

    response = await readiness(App(health=Health(slow, timeout=0.01)))
    assert (response.status, response.json["checks"]["slow"]) == (503, "timeout")


async def test_a_thread_that_hangs_is_left_alone_and_not_joined_by_others() -> None:
    free, entered = threading.Event(), []

    def hanging() -> None:
        entered.append(1)
        free.wait(SECONDS)

    app = App(health=Health(hanging, timeout=0.01))
    async with app.router.lifespan_context(app):
        for _ in range(3):
            assert (await fetch(app, "GET /readyz")).json["checks"]["hanging"] == "timeout"
    free.set()
    assert entered == [1]


async def test_checks_run_at_the_same_time() -> None:
    first, second = anyio.Event(), anyio.Event()

    async def one() -> None:
        first.set()
        await second.wait()

    async def two() -> None:
        second.set()
        await first.wait()

    response = await readiness(App(health=Health(one, two, timeout=SECONDS)))
    assert response.json["checks"] == {"state": "ok", "one": "ok", "two": "ok"}


async def test_the_first_failure_and_the_recovery_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    fails = True

    async def database() -> None:
        if fails:
            raise ConnectionError

    app = App(health=Health(database))
    async with app.router.lifespan_context(app):
        with caplog.at_level(logging.INFO, "signette.health"):
            for _ in range(2):
                await fetch(app, "GET /readyz")
            fails = False
            for _ in range(2):
                await fetch(app, "GET /readyz")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "the health check `database` does not pass: failed"),
        ("INFO", "the health check `database` passes again"),
    ]
    assert caplog.records[0].exc_info is not None


async def test_the_state_is_checked_unless_it_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(_: Backend) -> None:
        raise StateUnavailable

    monkeypatch.setattr(Backend, "check", check)
    assert (await readiness(App(health=True))).json["checks"] == {"state": "failed"}
    assert (await readiness(App(health=Health(state=False)))).json == {"status": "ready", "checks": {}}


async def test_dependencies_of_the_application_do_not_run_for_probes() -> None:
    async def guard(key: str) -> None:
        raise AssertionError(key)

    app = App(health=True, dependencies=[Depends(guard)])
    assert (await readiness(app)).status == 200
    assert (await fetch(app, "GET /livez")).status == 200


async def test_policies_of_the_application_do_not_limit_probes() -> None:
    app = App(health=True, policies=[RateLimit("1/hour")])

    @app.get("/limited")
    async def limited() -> None: ...

    for path in ("/livez", "/readyz"):
        assert [(await fetch(app, f"GET {path}")).status != 429 for _ in range(3)] == [True] * 3
    assert [(await fetch(app, "GET /limited")).status for _ in range(2)] == [204, 429]


async def test_paths_can_be_changed_and_left_out() -> None:
    app = App(health=Health(livez="/health/live", readyz=None))
    assert (await fetch(app, "GET /health/live")).status == 200
    assert (await fetch(app, "GET /readyz")).status == 404
    assert (await fetch(app, "GET /livez")).status == 404


def test_the_document_has_them_only_if_asked() -> None:
    assert App(health=True).openapi()["paths"] == {}
    paths = App(health=Health(include_in_schema=True)).openapi()["paths"]
    assert list(paths) == ["/livez", "/readyz"]
    assert paths["/readyz"]["get"]["responses"].keys() >= {"200", "503"}


async def test_overrides_replace_the_dependencies_of_checks() -> None:
    async def database(pool: Pool) -> bool:
        return pool["is"] == "another"

    app = App(health=Health(database))
    app.dependency_overrides[pool] = lambda: {"is": "another"}
    assert (await readiness(app)).json["checks"]["database"] == "ok"


def test_an_application_with_checks_can_be_pickled() -> None:
    async def database(pool: Pool) -> None: ...

    def disk() -> None: ...

    app = cloudpickle.loads(cloudpickle.dumps(App(health=Health(database, disk))))
    with TestClient(app) as client:
        assert client.get("/readyz").json()["checks"] == {"state": "ok", "database": "ok", "disk": "ok"}


async def needs_a_query(q: str) -> None: ...


async def state() -> None: ...


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Health(needs_a_query), SignatureError, "needs_a_query"),
        (lambda: Health(pool, pool), ValueError, "two checks `pool`"),
        (lambda: Health(state), ValueError, "two checks `state`"),
        (lambda: Health("ping"), TypeError, "a function with a name"),  # type: ignore[arg-type]
        (lambda: Health(livez="/health", readyz="/health"), ValueError, "the same path '/health'"),
        (lambda: Health(timeout=0), ValueError, "`timeout` must be"),
        (lambda: App(health="yes"), TypeError, "`health=` must be"),  # type: ignore[arg-type]
        (lambda: App(health=print), TypeError, r"pass checks as `Health\(check\)`"),  # type: ignore[arg-type]
    ],
    ids=["query", "twice", "state", "text", "paths", "timeout", "option", "function"],
)
def test_what_cannot_work_is_rejected(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_the_problem_is_one_of_the_application() -> None:
    assert NotReady(reason="draining", checks={}).status == 503

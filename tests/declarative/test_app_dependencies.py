"""`Depends(..., scope="app")`: made once for the application, closed when it stops."""

import pickle
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import anyio
import cloudpickle
import pytest

from signette.app import App, Router
from signette.applications import Application
from signette.declarative.signature.marker_functions import Depends
from signette.routing.mount import Mount
from signette.testclient import TestClient
from signette.websockets import WebSocket
from tests.asgi import fetch
from tests.declarative.building import app_of


class Seen(list[str]):
    """Factories that note when they are called and left."""

    def asynchronous(self, name: str) -> Any:
        async def generator() -> AsyncIterator[str]:
            self.append(f"enter {name}")
            yield name
            await anyio.lowlevel.checkpoint()
            self.append(f"leave {name}")

        return generator

    def sync(self, name: str) -> Any:
        def generator() -> Iterator[str]:
            self.append(f"enter {name}")
            yield name
            self.append(f"leave {name}")

        return generator

    def plain(self, name: str) -> Any:
        def function() -> str:
            self.append(f"enter {name}")
            return name

        return function

    def coroutine(self, name: str) -> Any:
        async def function() -> str:
            self.append(f"enter {name}")
            return name

        return function


@asynccontextmanager
async def on(app: Any) -> AsyncIterator[None]:
    """The application's lifespan, as a server would have it on."""
    async with app.router.lifespan_context(app):
        yield


@pytest.mark.parametrize("kind", ["asynchronous", "sync"])
async def test_it_is_made_at_the_start_and_closed_at_the_end(kind: str) -> None:
    seen = Seen()

    async def endpoint(pool: Annotated[str, Depends(getattr(seen, kind)("pool"), scope="app")]) -> str:
        return pool

    app = app_of(endpoint)
    async with on(app):
        assert seen == ["enter pool"]
        for _ in range(2):
            assert (await fetch(app, "GET /")).body == b"pool"
        assert seen == ["enter pool"]
    assert seen == ["enter pool", "leave pool"]


@pytest.mark.parametrize("kind", ["asynchronous", "sync", "plain", "coroutine"])
async def test_without_a_lifespan_it_is_made_at_the_first_request(kind: str) -> None:
    seen = Seen()

    async def endpoint(pool: Annotated[str, Depends(getattr(seen, kind)("pool"), scope="app")]) -> str:
        return pool

    app = app_of(endpoint)
    assert seen == []
    for _ in range(2):
        assert (await fetch(app, "GET /")).body == b"pool"
    assert seen == ["enter pool"]
    await app._singletons().close()


async def test_first_requests_that_come_together_share_one() -> None:
    made = 0

    async def pool() -> object:
        nonlocal made
        made += 1
        await anyio.lowlevel.checkpoint()
        return object()

    ids: list[int] = []

    async def endpoint(pool: Annotated[object, Depends(pool, scope="app")]) -> None:
        ids.append(id(pool))

    app = app_of(endpoint)
    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(fetch, app, "GET /")
    assert made == 1
    assert len(set(ids)) == 1
    assert len(ids) == 5


async def test_what_failed_is_tried_again() -> None:
    tries: list[int] = []

    async def pool() -> int:
        tries.append(1)
        if len(tries) == 1:
            raise KeyError("not yet")
        return len(tries)

    async def endpoint(pool: Annotated[int, Depends(pool, scope="app")]) -> int:
        return pool

    app = app_of(endpoint)
    with pytest.raises(KeyError):
        await fetch(app, "GET /")
    assert (await fetch(app, "GET /")).json == 2


async def test_its_dependencies_are_created_before_it_and_closed_after() -> None:
    seen = Seen()
    settings = seen.sync("settings")

    async def pool(settings: Annotated[str, Depends(settings, scope="app")], size: int = 3) -> AsyncIterator[str]:
        seen.append("enter pool")
        yield f"{settings} {size}"
        seen.append("leave pool")

    async def endpoint(
        pool: Annotated[str, Depends(pool, scope="app")], settings: Annotated[str, Depends(settings, scope="app")]
    ) -> list[str]:
        return [pool, settings]

    app = app_of(endpoint)
    async with on(app):
        assert (await fetch(app, "GET /")).json == ["settings 3", "settings"]
    assert seen == ["enter settings", "enter pool", "leave pool", "leave settings"]


async def test_a_request_scoped_dependency_may_depend_on_it() -> None:
    seen = Seen()

    async def session(pool: Annotated[str, Depends(seen.plain("pool"), scope="app")], q: int) -> AsyncIterator[str]:
        yield f"{pool} {q}"

    async def endpoint(session: Annotated[str, Depends(session)]) -> str:
        return session

    app = app_of(endpoint)
    async with on(app):
        assert (await fetch(app, "GET /?q=1")).body == b"pool 1"
        assert (await fetch(app, "GET /?q=2")).body == b"pool 2"
    assert seen == ["enter pool"]


async def test_routes_and_sockets_share_it_and_each_application_has_its_own() -> None:
    seen = Seen()
    pool = seen.plain("pool")
    router = Router(dependencies=[Depends(pool, scope="app")])

    @router.get("/one")
    async def one() -> None: ...

    @router.websocket("/two")
    async def two(socket: WebSocket, pool: Annotated[str, Depends(pool, scope="app")]) -> None: ...

    for _ in range(2):
        app = App()
        app.include_router(router)
        app.mount("/mounted", router)
        async with on(app):
            assert (await fetch(app, "GET /mounted/one")).status == 204
    assert seen == ["enter pool"] * 2


def test_a_mounted_application_keeps_its_own() -> None:
    seen = Seen()
    pool = seen.asynchronous("pool")
    inner, outer = App(), App()
    for app in (inner, outer):
        app.get("/")(_depending_on(pool))
    outer.mount("/inner", inner)
    with TestClient(outer) as client:
        assert client.get("/").text == client.get("/inner/").text == "pool"
        assert seen == ["enter pool"] * 2
    assert seen == ["enter pool"] * 2 + ["leave pool"] * 2


def _depending_on(factory: Any) -> Any:
    async def endpoint(value: Annotated[str, Depends(factory, scope="app")]) -> str:
        return value

    return endpoint


async def test_it_starts_after_the_lifespan_and_ends_before_it() -> None:
    seen = Seen()

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        seen.append("start")
        yield
        seen.append("stop")

    app = App(lifespan=lifespan)
    app.get("/")(_depending_on(seen.asynchronous("pool")))
    async with on(app):
        pass
    assert seen == ["start", "enter pool", "leave pool", "stop"]


def test_two_lifespans_at_once_have_each_their_own() -> None:
    seen = Seen()
    app = app_of(_depending_on(seen.asynchronous("pool")))
    with TestClient(app) as outer:
        with TestClient(app) as inner:
            assert (inner.get("/").text, outer.get("/").text) == ("pool", "pool")
            assert seen == ["enter pool", "enter pool"]
        assert seen == ["enter pool", "enter pool", "leave pool"]
        assert outer.get("/").text == "pool"
    assert seen == ["enter pool", "enter pool", "leave pool", "leave pool"]


async def test_a_failed_start_closes_what_was_created_before() -> None:
    seen = Seen()

    async def fails() -> None:
        raise KeyError("no such host")

    app = App(dependencies=[Depends(seen.asynchronous("pool"), scope="app"), Depends(fails, scope="app")])

    @app.get("/")
    async def endpoint() -> None: ...

    with pytest.raises(KeyError):
        async with on(app):
            raise AssertionError
    assert seen == ["enter pool", "leave pool"]


async def test_an_override_also_recreates_those_that_depend_on_it() -> None:
    async def settings() -> str:
        return "real"

    async def pool(settings: Annotated[str, Depends(settings, scope="app")]) -> str:
        return f"pool of {settings}"

    app = app_of(_depending_on(pool))
    async with on(app):
        assert (await fetch(app, "GET /")).body == b"pool of real"
        with app.override(settings, lambda: "fake"):
            assert (await fetch(app, "GET /")).body == b"pool of fake"
        assert (await fetch(app, "GET /")).body == b"pool of real"


async def test_what_is_overridden_at_the_start_is_never_made() -> None:
    seen = Seen()
    pool = seen.plain("pool")
    app = app_of(_depending_on(pool))
    with app.override(pool, lambda: "fake"):
        async with on(app):
            assert (await fetch(app, "GET /")).body == b"fake"
    assert seen == []


async def test_sync_ones_are_made_in_worker_threads() -> None:
    def where() -> str:
        return str(threading.get_ident())

    app = app_of(_depending_on(where))
    async with on(app):
        assert (await fetch(app, "GET /")).body.decode() != str(threading.get_ident())


async def test_an_application_that_runs_can_be_pickled() -> None:
    async def pool() -> str:
        return "pool"

    app = app_of(_depending_on(pool))
    async with on(app):
        await fetch(app, "GET /")
        again = pickle.loads(cloudpickle.dumps(app))
    assert (await fetch(again, "GET /")).body == b"pool"


async def test_a_router_without_an_application_says_so() -> None:
    router = Router()
    router.get("/")(_depending_on(Seen().plain("pool")))
    with pytest.raises(RuntimeError, match="include or mount the router in an `App`"):
        await fetch(Application(routes=[Mount("/", app=router)]), "GET /")


async def test_star_arguments_take_nothing() -> None:
    class Settings:
        def __init__(self, size: int = 3, *args: Any, **values: Any) -> None:
            self.said = f"{size} {args} {values}"

    async def endpoint(settings: Annotated[Settings, Depends(scope="app")]) -> str:
        return settings.said

    app = app_of(endpoint)
    async with on(app):
        assert (await fetch(app, "GET /?size=4")).body == b"3 () {}"


def test_it_is_shown_by_explain() -> None:
    async def pool() -> str:
        return "pool"

    app = app_of(_depending_on(pool))
    assert "created once per application" in app.explain("GET /")


@pytest.mark.parametrize("declared", [{"use_cache": False}, {"max_concurrency": 3}])
def test_contradictions_are_rejected(declared: Any) -> None:
    with pytest.raises(ValueError, match=f"`{next(iter(declared))}"):
        Depends(Seen().plain("pool"), scope="app", **declared)


def test_an_unknown_scope_is_rejected() -> None:
    with pytest.raises(ValueError, match="'app', 'request', 'function'"):
        Depends(Seen().plain("pool"), scope="session")  # type: ignore[arg-type]  # the error

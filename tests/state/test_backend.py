"""`Backend`: purposes, overrides, names, copies; and `App(state=...)`."""

import copy
import pickle
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import cloudpickle
import pytest

from signette.app import App
from signette.declarative.signature.marker_functions import Depends
from signette.policies import RateLimit
from signette.routing.mount import Mount
from signette.state import Backend, MemoryBus, MemoryStore
from signette.testclient import AsyncTestClient, TestClient
from tests.asgi import fetch


async def test_each_purpose_has_a_store_and_a_bus_of_its_own() -> None:
    backend = Backend()
    assert backend.store("cache") is backend.store("cache")
    assert backend.bus() is backend.bus("events")
    await backend.store("cache").set("a", b"1")
    assert await backend.store("sessions").get("a") is None
    assert await backend.store("cache").get("a") == b"1"
    await backend.check()


async def test_overrides_are_urls_stores_or_buses_of_single_purposes() -> None:
    store, bus = MemoryStore(), MemoryBus()
    backend = Backend(overrides={"cache": store, "events": bus, "jobs": "memory://"})
    assert backend.store("cache") is store
    assert backend.bus() is bus
    assert backend.bus("cache") is not bus
    assert isinstance(backend.store("events"), MemoryStore)
    assert backend.url("sessions") == backend.url("jobs") == "memory://"
    with pytest.raises(ValueError, match="'cache' has no URL"):
        backend.url("cache")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"url": "http://localhost"}, "must begin with one of `memory://`, `redis://`"),
        ({"url": ""}, "begin with one of"),
        ({"url": "memory://host"}, "has no host, path or options"),
        ({"url": "memory://?max_items=1"}, "has no host, path or options"),
        ({"namespace": ""}, "namespace '' must begin"),
        ({"namespace": "a:b"}, "namespace 'a:b' must begin"),
        ({"timeout": 0}, "`timeout` must be a positive number"),
        ({"timeout": float("inf")}, "`timeout` must be a positive number"),
        ({"timeout": "1"}, "`timeout` must be a positive number"),
        ({"overrides": {"a:b": "memory://"}}, "purpose 'a:b' must begin"),
        ({"overrides": {"cache": "nowhere://"}}, "must begin with one of"),
    ],
)
def test_wrong_settings_are_value_errors(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Backend(**arguments)


@pytest.mark.parametrize("override", [1, None, MemoryStore])
def test_an_override_that_is_no_engine_is_a_type_error(override: Any) -> None:
    with pytest.raises(TypeError, match=r"`overrides\['cache'\]` must be a URL, a `Store` or a `Bus`, got"):
        Backend(overrides={"cache": override})


def test_no_message_shows_a_password() -> None:
    with pytest.raises(ValueError, match="begin with one of") as caught:
        Backend("postgres://user:hush@host/0?password=hush")
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("purpose", ["", "a:b", "a/b", ":", "ä"])
def test_a_purpose_that_could_collide_with_another_is_a_value_error(purpose: str) -> None:
    backend = Backend()
    for method in (backend.store, backend.bus, backend.url):
        with pytest.raises(ValueError, match="must begin with a letter or digit"):
            method(purpose)


@pytest.mark.parametrize("again", [lambda value: pickle.loads(pickle.dumps(value)), copy.copy, copy.deepcopy])
async def test_a_copy_has_the_settings_and_no_values(again: Any) -> None:
    backend = Backend(namespace="shop", timeout=0.5, overrides={"cache": MemoryStore(max_items=7)})
    await backend.store("sessions").set("a", b"1")
    other = again(backend)
    assert (other.namespace, other.timeout, other.store("cache").max_items) == ("shop", 0.5, 7)
    assert await other.store("sessions").get("a") is None
    assert repr(other) == "Backend('memory://', namespace='shop')"


# -- App(state=...) ----------------------------------------------------------------------------------------------------


class ClosedBackend(Backend):
    """Counts how often it was closed."""

    closed = 0

    async def aclose(self) -> None:
        self.closed += 1
        await super().aclose()


def test_an_application_has_a_backend_in_memory_unless_it_names_another() -> None:
    assert repr(App().backend) == "Backend('memory://', namespace='signette')"
    assert repr(App(state="memory://").backend) == repr(App().backend)
    backend = Backend(namespace="shop")
    assert App(state=backend).backend is backend
    assert App().backend is not App().backend


@pytest.mark.parametrize("state", [None, {}, MemoryStore()])
def test_another_value_of_state_is_a_type_error(state: Any) -> None:
    with pytest.raises(TypeError, match="takes a URL or a `Backend`"):
        App(state=state)
    with pytest.raises(ValueError, match="begin with one of"):
        App(state="elsewhere://")


def test_the_lifespan_closes_the_backend_after_all_that_may_use_it() -> None:
    backend = ClosedBackend()
    order: list[tuple[str, int]] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        yield
        order.append(("lifespan", backend.closed))

    async def connection() -> AsyncIterator[int]:
        yield 1
        order.append(("dependency", backend.closed))

    app = App(state=backend, lifespan=lifespan)

    @app.get("/")
    async def read(value: int = Depends(connection, scope="app")) -> int:
        return value

    with TestClient(app) as client:
        assert client.get("/").json() == 1
        assert backend.closed == 0
    assert order == [("dependency", 0), ("lifespan", 0)]
    assert backend.closed == 1


def test_the_lifespan_closes_the_backend_of_a_mounted_application() -> None:
    inner = ClosedBackend()
    with TestClient(App(routes=[Mount("/inner", App(state=inner))])):
        assert inner.closed == 0
    assert inner.closed == 1


def test_a_failed_startup_closes_the_backend() -> None:
    backend = ClosedBackend()

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        raise LookupError("no database")
        yield

    with pytest.raises(LookupError), TestClient(App(state=backend, lifespan=lifespan)):
        pass
    assert backend.closed == 1


async def test_an_application_that_is_pickled_keeps_the_settings_of_its_backend() -> None:
    app = App(state=Backend(namespace="shop"))

    @app.get("/")
    async def count() -> int:
        return 1

    await app.backend.store("cache").set("a", b"1")
    other = cloudpickle.loads(cloudpickle.dumps(app))
    assert repr(other.backend) == "Backend('memory://', namespace='shop')"
    assert await other.backend.store("cache").get("a") is None
    assert (await fetch(other, "GET /")).body == b"1"


async def test_memory_is_cleared_at_the_end_of_the_last_block() -> None:
    own = MemoryStore()
    backend = Backend(overrides={"cache": own})
    cleared: list[str] = []
    backend.when_cleared(lambda: cleared.append("once"))
    async with backend:
        async with backend:
            await backend.store("sessions").set("a", b"1")
            await own.set("a", b"1")
            first = await backend.bus().publish("topic", b"1")
        assert await backend.store("sessions").get("a") == b"1"
        assert not cleared
    assert await backend.store("sessions").get("a") is None
    assert await own.get("a") == b"1"
    assert cleared == ["once"]
    async with backend.bus().subscribe("topic", after=first) as subscription:
        assert subscription.missed


async def test_a_subscriber_goes_on_when_memory_is_cleared() -> None:
    backend = Backend()
    async with backend:
        await backend.bus().publish("topic", b"before")
        async with backend.bus().subscribe("topic") as subscription:
            async with Backend():
                pass  # another backend's memory is its own
            await backend.aclose()  # closes connections only
            await backend.bus().publish("topic", b"after")
            assert (await anext(subscription)).data == b"after"
    async with backend.bus().subscribe("topic") as subscription:
        backend.bus().clear()  # type: ignore[attr-defined]  # of `MemoryBus`
        await backend.bus().publish("topic", b"again")
        assert (await anext(subscription)).data == b"again"


async def test_a_backend_that_is_replaced_while_the_application_runs_is_closed_with_it() -> None:
    app, other = App(), Backend()
    first = app.backend
    async with AsyncTestClient(app):
        await first.store("app").set("a", b"1")
        app.backend = other
    assert await first.store("app").get("a") is None
    async with other:
        await other.store("app").set("a", b"1")
        async with other:
            pass
        assert await other.store("app").get("a") == b"1"


def test_an_application_that_starts_again_has_no_values_of_before() -> None:
    app = App()

    @app.post("/{key}", policies=[RateLimit("1/hour")])
    async def add(key: str) -> bool:
        return await app.backend.store("shop").add(key, b"1")

    for _ in range(2):
        with TestClient(app) as client:
            assert client.post("/a").json() is True
            assert client.post("/a").status_code == 429

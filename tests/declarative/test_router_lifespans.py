"""Lifespans of included routers: which start, in which order, and whose state a request finds."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from signette.app import App, Router
from signette.requests import Request
from signette.testclient import TestClient

Lifespan = Callable[[Any], AbstractAsyncContextManager[dict[str, str]]]


class Seen(list[str]):
    def lifespan(self, name: str) -> Lifespan:
        @asynccontextmanager
        async def lifespan(app: Any) -> AsyncIterator[dict[str, str]]:
            self.append(f"start {name}")
            yield {name: name, "innermost": name}
            self.append(f"stop {name}")

        return lifespan


async def state(request: Request) -> dict[str, str]:
    return dict(request.scope["state"])


def test_an_included_router_starts_with_the_application_and_the_outer_state_wins() -> None:
    seen = Seen()
    app = App(lifespan=seen.lifespan("app"))
    router, inner = Router(lifespan=seen.lifespan("router")), Router(lifespan=seen.lifespan("inner"))
    inner.get("/")(state)
    app.include_router(router)
    router.include_router(inner)  # later than its own inclusion
    with TestClient(app) as client:
        assert client.get("/").json() == {"app": "app", "router": "router", "inner": "inner", "innermost": "app"}
    assert seen == ["start app", "start router", "start inner", "stop inner", "stop router", "stop app"]


def test_one_that_is_included_twice_or_shared_starts_once() -> None:
    seen = Seen()
    shared = seen.lifespan("shared")
    app = App(lifespan=shared)
    router = Router(lifespan=shared)
    router.get("/")(state)
    app.include_router(router, prefix="/a")
    app.include_router(router, prefix="/b")
    app.mount("/c", router)
    with TestClient(app) as client:
        assert client.get("/b/").json() == {"shared": "shared", "innermost": "shared"}
    assert seen == ["start shared", "stop shared"]


def test_a_mounted_router_starts_what_it_includes() -> None:
    seen = Seen()
    app, router, inner = App(), Router(), Router(lifespan=seen.lifespan("inner"))
    inner.get("/")(state)
    router.include_router(inner)
    app.mount("/mounted", router)
    with TestClient(app) as client:
        assert client.get("/mounted/").json() == {"inner": "inner", "innermost": "inner"}
    assert seen == ["start inner", "stop inner"]


def test_two_applications_without_a_lifespan_are_two() -> None:
    inner, outer = App(), App()
    outer.mount("/inner", inner)
    assert inner.router.lifespan_context != outer.router.lifespan_context


def test_a_lifespan_may_be_an_object_without_a_hash() -> None:
    @dataclass
    class Opened:
        """An object that compares by content, so it has no hash."""

        count: int = 0

        @asynccontextmanager
        async def __call__(self, app: Any) -> AsyncIterator[dict[str, Any]]:
            self.count += 1
            yield {}

    lifespan = Opened()
    app = App(lifespan=lifespan)
    app.include_router(Router(lifespan=lifespan))
    with TestClient(app):
        assert lifespan.count == 1

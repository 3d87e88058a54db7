"""One route in several applications: each responds by its own limits, handlers and overrides."""

import gc
import weakref
from typing import Annotated, Any

import pytest

from signette.app import App, Router
from signette.declarative.routing.routes import TypedRoute
from signette.declarative.signature.marker_functions import Depends
from signette.exceptions import RequestValidationError
from signette.limits import Limits
from signette.responses.plain import PlainTextResponse
from signette.routing.mount import Mount
from signette.testclient.client import TestClient


async def user() -> str:
    return "somebody"


def shared_router() -> Router:
    router = Router()

    @router.post("/")
    async def read(who: Annotated[str, Depends(user)], numbers: list[int]) -> str:
        return who

    return router


def test_each_application_has_its_own_overrides_and_limits() -> None:
    router = shared_router()
    first = App(routes=[Mount("/shared", router)])
    second = App(routes=[Mount("/shared", router)], limits=Limits(json_bytes=5))
    second.dependency_overrides[user] = lambda: "another"
    with TestClient(first) as one, TestClient(second) as other:
        for _ in range(2):
            assert one.post("/shared/", json=[1]).text == "somebody"
            assert other.post("/shared/", json=[1]).text == "another"
            assert one.post("/shared/", json=[1, 2, 3]).status_code == 200
            assert other.post("/shared/", json=[1, 2, 3]).status_code == 413


def test_an_application_that_starts_later_is_not_too_late() -> None:
    route = TypedRoute("/", user)
    first, second = App(routes=[route]), App(routes=[route])
    second.dependency_overrides[user] = lambda: "another"
    endpoint = TypedRoute("/who", _who)
    first.routes.append(endpoint)
    second.routes.append(endpoint)
    with TestClient(first) as one:
        assert one.get("/who").text == "somebody"
    with TestClient(second) as other:
        assert other.get("/who").text == "another"
    with TestClient(first) as one:
        assert one.get("/who").text == "somebody"


def test_a_route_that_was_served_on_its_own_may_be_added_to_an_application() -> None:
    route = TypedRoute("/who", _who)
    app = App(routes=[route])
    app.dependency_overrides[user] = lambda: "another"
    assert TestClient(route).get("/who").text == "somebody"
    assert TestClient(app).get("/who").text == "another"


def test_a_collected_application_leaves_no_handlers_for_another() -> None:
    route = TypedRoute("/number", _number)
    first = App(routes=[route])
    assert TestClient(first).get("/number?n=x").status_code == 422
    del first
    gc.collect()
    second = App(routes=[route], exception_handlers={RequestValidationError: _mine})
    assert TestClient(second).get("/number?n=x").text == "mine"


def test_the_router_of_an_application_may_be_mounted_in_another() -> None:
    first = App(openapi_url=None)
    first.get("/who")(_who)
    second = App(routes=[Mount("/mounted", first.router)])
    second.dependency_overrides[user] = lambda: "another"
    with TestClient(first) as one, TestClient(second) as other:
        for _ in range(2):
            assert one.get("/who").text == "somebody"
            assert other.get("/mounted/who").text == "another"


def test_a_router_that_is_mounted_later_is_served_by_both_applications() -> None:
    router = Router()
    router.get("/who")(_who)
    first, second = App(routes=[Mount("/in", router)]), App()
    second.dependency_overrides[user] = lambda: "another"
    one, other = TestClient(first), TestClient(second)
    assert one.get("/in/who").text == "somebody"
    assert other.get("/in/who").status_code == 404
    second.mount("/in", router)
    for _ in range(2):
        assert other.get("/in/who").text == "another"
        assert one.get("/in/who").text == "somebody"


def test_a_router_that_is_called_directly_first_can_be_included_afterwards() -> None:
    router = Router()
    router.get("/who")(_who)
    app = App(routes=[Mount("/in", router)])
    app.dependency_overrides[user] = lambda: "another"
    client = TestClient(app)
    assert client.get("/nowhere").status_code == 404  # the application has started
    assert TestClient(router).get("/who").text == "somebody"
    assert client.get("/in/who").text == "another"


def test_a_route_that_is_added_later_is_found() -> None:
    app = App()
    client = TestClient(app)
    assert client.get("/who").status_code == 404
    app.get("/who")(_who)
    assert [client.get("/who").text for _ in range(2)] == ["somebody"] * 2


def test_a_route_keeps_no_application_alive() -> None:
    route = TypedRoute("/who", _who)
    app = App(routes=[route])
    assert TestClient(app).get("/who").status_code == 200
    gone = weakref.ref(app)
    del app
    gc.collect()
    assert gone() is None


def test_the_binder_of_a_route_that_runs_in_its_own_way_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0

    class Own(TypedRoute):
        def run(self, *args: Any) -> Any:
            return super().run(*args)

        def _compile_binder(self, app: Any) -> Any:
            nonlocal made
            made += 1
            return super()._compile_binder(app)

    client = TestClient(App(routes=[Own("/who", _who)]))
    assert [client.get("/who").text for _ in range(3)] == ["somebody"] * 3
    assert made == 1


async def _who(who: Annotated[str, Depends(user)]) -> str:
    return who


async def _number(n: int) -> int:
    return n


async def _mine(request: Any, exc: Exception) -> PlainTextResponse:
    return PlainTextResponse("mine")

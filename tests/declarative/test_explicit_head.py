"""An explicit HEAD route goes before the HEAD that a GET route of a typed endpoint handles."""

import warnings
from typing import Any

import pytest

from signette import App, Response, Router
from signette.declarative.routing.routes import TypedRoute
from signette.exceptions import ShadowedRouteWarning
from signette.requests import Request
from signette.responses import PlainTextResponse
from signette.testclient import TestClient


def answers(app: Any, path: str, method: str = "HEAD") -> str | None:
    """The header `x-by` of the response."""
    response = TestClient(app, raise_server_exceptions=True).request(method, path)
    assert response.content == b"" or method != "HEAD"
    return response.headers.get("x-by")


def by(name: str) -> Any:
    async def endpoint(response: Response) -> None:
        response.headers["x-by"] = name

    endpoint.__name__ = name
    return endpoint


async def plain(request: Request) -> PlainTextResponse:
    return PlainTextResponse("plain", headers={"x-by": "plain"})


GET_PATHS = ["/x", "/{name}", "/{rest:path}", "/{rest:path}/x"]
HEAD_PATHS = ["/x", "/{other}", "/{all:path}", "/{all:path}x"]


@pytest.mark.parametrize("head", HEAD_PATHS)
@pytest.mark.parametrize("get", GET_PATHS)
@pytest.mark.parametrize("get_first", [True, False])
def test_it_goes_first_wherever_it_stands(get: str, head: str, get_first: bool) -> None:
    app = App()
    for path, verb in [(get, "get"), (head, "head")] if get_first else [(head, "head"), (get, "get")]:
        getattr(app, verb)(path)(by(verb))
    target = "/a/x" if get == "/{rest:path}/x" else "/x"
    expected = "get" if target == "/a/x" and head in {"/x", "/{other}"} else "head"
    assert answers(app, target) == expected
    assert answers(app, target, "GET") == "get"


def test_one_of_several_methods_is_explicit_too() -> None:
    app = App()
    app.get("/x")(by("get"))
    app.api_route("/x", methods=["HEAD", "POST"])(by("both"))
    app.get("/y")(by("get"))
    app.api_route("/y", methods=["GET", "HEAD"])(by("both"))
    assert [answers(app, "/x"), answers(app, "/x", "POST"), answers(app, "/x", "GET")] == ["both", "both", "get"]
    assert [answers(app, "/y"), answers(app, "/y", "GET")] == ["both", "get"]


def test_the_first_of_two_explicit_ones_counts() -> None:
    app = App()
    app.get("/x")(by("get"))
    app.head("/{name}")(by("first"))
    app.head("/x")(by("second"))
    with pytest.warns(ShadowedRouteWarning):
        assert answers(app, "/x") == "first"


def test_without_one_get_handles_it_also_before_a_mount() -> None:
    app, mounted = App(), App()
    mounted.get("/x")(by("mounted"))
    app.get("/x")(by("get"))
    app.mount("/", mounted)
    app.head("/y")(by("head"))
    with pytest.warns(ShadowedRouteWarning):
        assert [answers(app, "/x"), answers(app, "/y")] == ["get", None]
    assert TestClient(app).head("/y").status_code == 404  # the mount comes first, as with any method


def test_routes_of_the_toolkit_keep_their_order() -> None:
    app = App()
    app.add_route("/x", plain)
    app.head("/x")(by("head"))
    app.get("/y")(by("get"))
    app.add_route("/y", plain, methods=["HEAD"])
    with pytest.warns(ShadowedRouteWarning):
        assert [answers(app, "/x"), answers(app, "/y")] == ["plain", "plain"]


@pytest.mark.parametrize("mounted", [False, True])
def test_routers_may_bring_it(mounted: bool) -> None:
    app, first, second = App(), Router(), Router()
    first.get("/x")(by("get"))
    second.api_route("/x", methods=["GET", "HEAD"])(by("head"))
    if mounted:
        second = Router(routes=[*first.routes, *second.routes])
        app.mount("/a", second)
    else:
        app.include_router(first, prefix="/a")
        app.include_router(second, prefix="/a")
    assert [answers(app, "/a/x"), answers(app, "/a/x", "GET")] == ["head", "get"]


def test_routes_that_are_added_later_count() -> None:
    app = App()
    app.get("/x")(by("get"))
    assert answers(app, "/x") == "get"
    app.head("/x")(by("head"))
    assert answers(app, "/x") == "head"
    del app.routes[-1]
    assert answers(app, "/x") == "get"


def test_it_is_no_unreachable_route() -> None:
    app = App()
    app.get("/x")(by("get"))
    app.head("/x")(by("head"))
    with warnings.catch_warnings(), TestClient(app):
        warnings.simplefilter("error")


@pytest.mark.parametrize("methods", [["GET"], ["HEAD"], ["GET", "HEAD"]])
def test_a_second_route_of_the_same_methods_is_unreachable(methods: list[str]) -> None:
    app = App()
    for name in ("first", "second"):
        app.api_route("/x", methods=methods)(by(name))
    with pytest.warns(ShadowedRouteWarning), TestClient(app):
        pass


def test_a_copy_of_a_route_below_a_prefix_keeps_its_methods() -> None:
    route = TypedRoute("/x", by("both"), methods=["GET", "HEAD"])
    assert route.under("/a", (), {}).explicit_methods == {"GET", "HEAD"}
    assert TypedRoute("/x", by("get")).under("/a", (), {}).explicit_methods == {"GET"}


def test_allow_names_all_methods() -> None:
    app = App()
    app.get("/x")(by("get"))
    app.head("/x")(by("head"))
    assert TestClient(app).post("/x").headers["allow"] == "GET, HEAD"

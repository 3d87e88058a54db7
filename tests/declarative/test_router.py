"""`Router`: prefixes, inclusion, and what the layers add to each other."""

import gc
import pickle
import weakref
from typing import Any

import cloudpickle
import pytest

from signette.app import App, Router
from signette.declarative.signature.marker_functions import Depends
from signette.middleware.registry import Middleware
from signette.requests import Request
from signette.responses.plain import HTMLResponse, PlainTextResponse, Response
from signette.routing.host import Host
from signette.routing.mount import Mount
from signette.routing.route import Route
from tests.asgi import fetch


async def plain(request: Request) -> Response:
    return PlainTextResponse(f"plain {request.url.path}")


async def where(request: Request) -> str:
    return request.url.path


async def test_prefixes_add_up() -> None:
    app, outer, inner = App(prefix="/api"), Router(prefix="/outer"), Router(prefix="/inner")
    inner.get("/{n}")(where)
    inner.get("")(where)
    outer.include_router(inner, prefix="/between")
    app.include_router(outer, prefix="/v1")
    for path in ("/api/v1/outer/between/inner/3", "/api/v1/outer/between/inner"):
        assert (await fetch(app, f"GET {path}")).body == path.encode()


async def test_a_prefix_may_have_parameters() -> None:
    app, router = App(), Router(prefix="/users/{user_id}")

    @router.get("/items/{item_id}")
    async def endpoint(item_id: int, user_id: int) -> list[int]:
        return [user_id, item_id]

    app.include_router(router)
    assert (await fetch(app, "GET /users/1/items/2")).json == [1, 2]
    assert (await fetch(app, "GET /users/x/items/y")).errors == [
        ("path", "item_id", "int_parsing"),
        ("path", "user_id", "int_parsing"),
    ]


async def test_a_router_may_be_included_several_times() -> None:
    app, router = App(), Router()
    router.get("/a")(where)
    app.include_router(router, prefix="/v1")
    app.include_router(router, prefix="/v2", dependencies=[Depends(lambda q: q)])
    assert (await fetch(app, "GET /v1/a")).body == b"/v1/a"
    assert (await fetch(app, "GET /v2/a")).status == 422
    assert (await fetch(app, "GET /v2/a?q=1")).body == b"/v2/a"


async def test_routes_that_are_added_later_count_too() -> None:
    app, outer, inner = App(), Router(prefix="/outer"), Router(prefix="/inner")
    app.include_router(outer)
    outer.include_router(inner)
    assert (await fetch(app, "GET /outer/inner/late")).status == 404
    inner.get("/late")(where)
    assert (await fetch(app, "GET /outer/inner/late")).body == b"/outer/inner/late"


def test_a_router_does_not_keep_the_applications_that_it_was_put_in() -> None:
    router = Router()

    def made() -> weakref.ref[App]:
        app = App()
        app.include_router(router)
        return weakref.ref(app)

    gone = made()
    gc.collect()
    assert gone() is None
    router.get("/later")(echo_path)


async def test_routes_that_are_added_after_pickling_count_too() -> None:
    inner, outer = Router(), Router(prefix="/outer")
    app = App()
    outer.include_router(inner, prefix="/inner")
    app.include_router(outer)
    app, inner = pickle.loads(cloudpickle.dumps((app, inner)))
    del outer
    inner.get("/later")(echo_path)
    assert (await fetch(app, "GET /outer/inner/later")).status == 204


async def echo_path() -> None: ...


def test_routers_that_include_each_other_are_rejected() -> None:
    one, two, three = Router(), Router(), Router()
    one.get("/a")(where)
    with pytest.raises(ValueError, match="cannot include itself"):
        one.include_router(one)
    one.include_router(two, prefix="/two")
    two.include_router(three, prefix="/three")
    with pytest.raises(ValueError, match="cannot include itself"):
        three.include_router(one, prefix="/one")


async def test_plain_routes_and_mounts_are_included_with_the_prefix() -> None:
    app = App()
    router = Router([Route("/plain", plain, methods=["POST"]), Mount("/files", routes=[Route("/one", plain)])])
    app.include_router(router, prefix="/in")
    assert (await fetch(app, "POST /in/plain")).body == b"plain /in/plain"
    assert (await fetch(app, "GET /in/plain")).status == 405
    assert (await fetch(app, "GET /in/files/one")).body == b"plain /in/files/one"


def test_a_route_without_a_path_cannot_be_put_under_a_prefix() -> None:
    router = Router([Host("api.example.org", app=Router())])
    App().include_router(router)
    with pytest.raises(TypeError, match="cannot put the prefix `/in` before"):
        App().include_router(router, prefix="/in")


async def test_the_response_class_of_the_inner_level_wins() -> None:
    app, router = App(default_response_class=HTMLResponse), Router(default_response_class=PlainTextResponse)

    async def text() -> str:
        return "a"

    app.get("/app")(text)
    router.get("/router")(text)
    router.get("/route", response_class=HTMLResponse)(text)
    app.include_router(router)
    found = [(await fetch(app, f"GET {path}"))["content-type"] for path in ("/app", "/router", "/route")]
    assert found == ["text/html; charset=utf-8", "text/plain; charset=utf-8", "text/html; charset=utf-8"]


def test_tags_and_responses_add_up_and_hiding_wins() -> None:
    app, router = App(), Router(tags=["router"], responses={404: {"description": "none"}}, deprecated=True)
    router.get("/a", tags=["route", "router"], responses={409: {"description": "two"}})(where)
    router.get("/b", include_in_schema=True, deprecated=False)(where)
    app.include_router(router, tags=["app"])
    app.include_router(router, prefix="/hidden", include_in_schema=False)
    operation = app.openapi()["paths"]["/a"]["get"]
    assert operation["tags"] == ["app", "router", "route"]
    assert {"404", "409"} <= operation["responses"].keys()
    assert operation["deprecated"] is True
    assert "deprecated" not in app.openapi()["paths"]["/b"]["get"]
    assert not any(path.startswith("/hidden") for path in app.openapi()["paths"])


async def test_a_standalone_router_serves_without_an_application() -> None:
    router = Router()

    @router.get("/{n}")
    async def endpoint(n: int) -> int:
        return n

    assert (await fetch(router, "GET /3")).json == 3


class Stamp:
    """Middleware that leaves a mark."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def stamped(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-stamp", b"1"))
            await send(message)

        await self.app(scope, receive, stamped)


async def test_plain_routes_and_mounts_keep_their_middleware_and_limits_when_included() -> None:
    async def size(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    stamp = [Middleware(Stamp)]
    routes = [
        Route("/route", size, methods=["POST"], middleware=stamp, max_body_size=3),
        Mount("/mount", routes=[Route("/in", size, methods=["POST"])], middleware=stamp, max_body_size=3),
    ]
    app = App()
    app.include_router(Router(routes), prefix="/v1")
    for path in ("/v1/route", "/v1/mount/in"):
        response = await fetch(app, f"POST {path}", b"abc")
        assert (response.status, response.body, response["x-stamp"]) == (200, b"3", "1")
        assert (await fetch(app, f"POST {path}", b"abcd")).status == 413


@pytest.mark.parametrize(
    "declared",
    [
        {"default": PlainTextResponse("none")},
        {"redirect_slashes": False},
    ],
    ids=lambda options: next(iter(options)),
)
def test_what_an_included_router_could_not_honour_is_rejected(declared: dict[str, Any]) -> None:
    (name,) = declared
    router = Router(**declared)
    for outer in (App(), Router()):
        with pytest.raises(TypeError, match=f"`{name}=` of a router has no effect when the router is included"):
            outer.include_router(router)
    App().mount("/there", router)
    if name == "redirect_slashes":
        App(redirect_slashes=False).include_router(router)

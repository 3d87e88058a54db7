"""The responses of a router, and the scope that routes get."""

import functools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette._http.host import host_name
from signette.applications import Application
from signette.declarative.routing.router import Router as TypedRouter
from signette.middleware.registry import Middleware
from signette.responses.plain import PlainTextResponse, Response
from signette.routing.base import BaseRoute
from signette.routing.host import Host
from signette.routing.matching import Match
from signette.routing.mount import Mount
from signette.routing.responses import redirect_to
from signette.routing.route import Route
from signette.routing.router import Router
from signette.routing.websocket import WebSocketRoute
from tests.asgi import call, exchange


async def hello(request: Any) -> Any:
    return PlainTextResponse("hello")


async def echo(request: Any) -> Any:
    return PlainTextResponse(f"{request.path_params}")


async def where(request: Any) -> Any:
    scope = request.scope
    return PlainTextResponse(f"{scope['root_path']} {scope['app_root_path']} {scope['path']} {scope['path_params']}")


async def test_the_first_route_that_matches_responds() -> None:
    app = Router([Route("/a", hello), Route("/{x}", echo), Route("/b", hello)])
    assert (await call(app, "/a")).text == "hello"
    assert (await call(app, "/b")).text == "{'x': 'b'}"


@pytest.mark.parametrize("method", ["matches", "handle"])
async def test_a_method_replaced_on_one_route_object_is_called(method: str) -> None:
    route: Any = Route("/a", hello)
    own, called = getattr(route, method), []

    def replacing(*arguments: Any) -> Any:
        called.append(method)
        return own(*arguments)

    setattr(route, method, replacing)
    assert (await call(Application(routes=[route]), "/a")).text == "hello"
    assert called == [method]


async def test_outside_of_an_application_404_and_405_are_plain_text() -> None:
    app = Router([Route("/a", hello)])
    assert (await call(app, "/x")).text == "Not Found"
    response = await call(app, "/a", "POST")
    assert (response.status, response.text, response.headers["allow"]) == (405, "Method Not Allowed", "GET, HEAD")


async def test_allow_lists_the_methods_of_all_routes_that_match_the_path() -> None:
    app = Application(
        routes=[
            Route("/{x}", hello, methods=["PUT"]),
            Route("/a", hello),
            Route("/a", hello, methods=["delete"]),
            Route("/{x:path}.b", hello, methods=["TRACE"]),
            Route("/b", hello, methods=["PATCH"]),
        ]
    )
    assert (await call(app, "/a", "POST")).headers["allow"] == "DELETE, GET, HEAD, PUT"


async def test_options_gets_allow_unless_a_route_handles_it() -> None:
    async def own(request: Any) -> Any:
        return PlainTextResponse("own")

    app = Application(routes=[Route("/a", hello), Route("/b", hello), Route("/b", own, methods=["OPTIONS"])])
    response = await call(app, "/a", "OPTIONS")
    assert (response.status, response.body, response.headers["allow"]) == (204, b"", "GET, HEAD, OPTIONS")
    assert (await call(app, "/b", "OPTIONS")).text == "own"
    assert (await call(app, "/c", "OPTIONS")).status == 404


async def test_a_route_for_get_handles_head() -> None:
    assert (await call(Application(routes=[Route("/", hello)]), "/", "HEAD")).status == 200


async def test_an_endpoint_that_is_not_async_runs_in_a_thread() -> None:
    import threading

    def name(request: Any) -> Any:
        return PlainTextResponse(threading.current_thread().name)

    assert "MainThread" not in (await call(Application(routes=[Route("/", name)]))).text


async def test_a_partial_of_a_function_is_an_endpoint() -> None:
    async def greet(greeting: str, request: Any) -> Any:
        return PlainTextResponse(greeting)

    assert (await call(Router([Route("/", functools.partial(greet, "hi"))]))).text == "hi"


async def test_a_method_of_an_object_is_an_endpoint() -> None:
    class Shop:
        async def item(self, request: Any) -> Any:
            return PlainTextResponse("item")

    assert Route("/", Shop().item).name == "item"
    assert (await call(Router([Route("/", Shop().item)]))).text == "item"


async def test_an_asgi_application_as_endpoint_handles_all_methods() -> None:
    assert (await call(Router([Route("/", PlainTextResponse("x"))]), "/", "BREW")).text == "x"


async def test_a_route_appended_after_the_first_request_is_matched() -> None:
    app = Application()
    assert (await call(app, "/a")).status == 404
    app.routes.append(Route("/a", hello))
    assert (await call(app, "/a")).status == 200
    app.router.routes = [Route("/b", hello)]
    assert (await call(app, "/a")).status == 404
    assert (await call(app, "/b")).status == 200


async def test_a_newline_at_the_end_of_a_path_does_not_match() -> None:
    assert (await call(Router([Route("/a", hello), Route("/{x:int}", hello)]), "/a\n")).status == 404
    assert (await call(Route("/{x:int}", hello), "/1\n")).status == 404


@pytest.mark.parametrize("kind", ["int", "float"])
async def test_a_number_with_too_many_digits_does_not_match_with_any_method(kind: str) -> None:
    routes = [Route(f"/{{x:{kind}}}", hello), Mount(f"/below/{{x:{kind}}}", routes=[Route("/", hello)])]
    for path in ("/" + "1" * 5000, "/below/" + "1" * 5000 + "/"):
        for method in ("GET", "POST", "OPTIONS"):
            assert (await call(Router(routes), path, method)).status == 404
        assert (await call(Router([*routes, Route("/{rest:path}", hello)]), path)).status == 200


@pytest.mark.parametrize(
    ("path", "target"),
    [("/a", "/a/"), ("/b/", "/b"), ("/b//", "/b"), ("/m", "/m/"), ("/x y", "/x%20y/"), ("/q", "/q/?a=b%20c")],
)
async def test_a_missing_or_extra_trailing_slash_is_redirected(path: str, target: str) -> None:
    app = Application(
        routes=[
            Route("/a/", hello),
            Route("/b", hello),
            Mount("/m", routes=[]),
            Route("/x y/", hello, methods=["POST"]),
            Route("/q/", hello),
        ]
    )
    query = b"a=b c" if path == "/q" else b""
    response = await call(app, path, query_string=query)
    assert (response.status, response.headers["location"]) == (307, target)


async def test_redirect_slashes_false_disables_the_redirect() -> None:
    assert (await call(Router([Route("/a/", hello)], redirect_slashes=False), "/a")).status == 404


async def test_a_redirect_keeps_the_path_at_which_the_application_is_mounted() -> None:
    app = Router([Mount("/m", routes=[Route("/a/", hello)])])
    assert (await call(app, "/m/a")).headers["location"] == "/m/a/"
    assert (await call(app, "/m/a", root_path="/api")).headers["location"] == "/api/m/a/"
    assert (await call(app, "/api/m/a", root_path="/api")).headers["location"] == "/api/m/a/"


async def test_the_root_of_a_mount_is_redirected_to_its_slash() -> None:
    app = Router([Route("/", hello)])
    assert (await call(app, "/api", root_path="/api")).headers["location"] == "/api/"
    assert (await call(Router([Route("/a", hello)]), "/api", root_path="/api")).status == 404


@given(st.text(), st.binary())
def test_a_redirect_never_leaves_the_host_and_never_fails(rest: str, query: bytes) -> None:
    location = dict(redirect_to(f"/{rest}", {"type": "http", "query_string": query}).raw_headers)[b"location"]
    assert location.startswith(b"/")
    assert not location.startswith((b"//", b"/\\"))
    assert all(0x20 < byte < 0x7F for byte in location)


async def test_a_mounted_application_sees_the_path_below_the_mount() -> None:
    inner = Router([Route("/x/{b:int}", where)])
    app = Router([Mount("/m/{a}", app=Router([Mount("/n", inner)]))])
    assert (await call(app, "/m/1/n/x/2")).text == "/m/1/n  /m/1/n/x/2 {'a': '1', 'b': 2}"


@pytest.mark.parametrize("path", ["/m/n/x/2", "/api/m/n/x/2"])
async def test_a_mount_works_with_and_without_root_path_in_the_path(path: str) -> None:
    app = Router([Mount("/m", routes=[Mount("/n", routes=[Route("/x/{b}", where)])])])
    assert (await call(app, path, root_path="/api")).text == "/api/m/n /api /api/m/n/x/2 {'b': '2'}"


async def test_root_path_ends_at_a_slash() -> None:
    assert (await call(Router([Route("/apiary", hello)]), "/apiary", root_path="/api")).text == "hello"
    assert (await call(Router([Route("/x", hello)]), "/api/x", root_path="/api/")).text == "hello"


async def test_a_host_route_ignores_letter_case_and_port() -> None:
    app = Router([Host("{sub}.Example.org", Router([Route("/", echo)])), Host("[::1]", Router([Route("/", hello)]))])
    for field, expected in [
        (b"A.example.ORG:8000", "{'sub': 'a'}"),
        (b"a.example.org:000080", "{'sub': 'a'}"),
        (b"a.example.org:65536", "{'sub': 'a'}"),
        (b"[::1]:80", "hello"),
        (b"[::1]:100000", "hello"),
        (b"[::1]", "hello"),
    ]:
        assert (await call(app, headers=[(b"host", field)])).text == expected


@pytest.mark.parametrize(
    "field",
    [b"", b"a.example.org/", b"a@example.org", b"[::1", b"a.example.org:x", b"a.example.org:", b"\xff.example.org"],
)
async def test_an_invalid_host_matches_no_route(field: bytes) -> None:
    app = Router([Host("{sub}.example.org", Router([Route("/", echo)])), Host("[::1]", Router([Route("/", echo)]))])
    assert (await call(app, headers=[(b"host", field)])).status == 404


async def test_without_a_host_field_no_host_route_matches() -> None:
    assert (await call(Router([Host("{x}", Router([Route("/", echo)]))]))).status == 404


@given(st.binary(max_size=20))
def test_a_host_field_never_fails(field: bytes) -> None:
    host = host_name(field)
    assert host is None or host == host.lower()


async def test_websockets_are_routed_or_rejected() -> None:
    async def session(websocket: Any) -> None:
        await websocket.accept()
        await websocket.send_text(f"{websocket.path_params}")
        await websocket.close()

    app = Router([Route("/{x}", hello), WebSocketRoute("/{x:int}", session)])
    response = await call(app, "/3", kind="websocket")
    assert response.messages[1]["text"] == "{'x': 3}"
    assert (await call(app, "/y", kind="websocket")).messages == [
        {"type": "websocket.close", "code": 1000, "reason": ""}
    ]


async def test_a_route_is_an_asgi_application() -> None:
    assert (await call(Route("/{x}", echo), "/a")).text == "{'x': 'a'}"
    assert (await call(Route("/{x}", echo), "/a/b")).status == 404
    assert (await call(Route("/a", echo), "/a", "PUT")).status == 405
    assert (await call(Mount("/m", app=Route("/a", hello)), "/m/a")).text == "hello"


async def test_a_foreign_route_with_matches_and_handle_responds() -> None:
    class Teapot(BaseRoute):
        def matches(self, scope: Any) -> Any:
            return Match.FULL, {"tea": "green"}

        async def handle(self, scope: Any, receive: Any, send: Any) -> None:
            await PlainTextResponse(scope["tea"])(scope, receive, send)

    assert (await call(Application(routes=[Route("/a", hello), Teapot()]), "/tea")).text == "green"


async def test_middleware_and_body_limit_of_a_router_apply() -> None:
    class Tag:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            scope["tag"] = "tagged"
            await self.app(scope, receive, send)

    async def read(request: Any) -> Any:
        return Response(request.scope["tag"].encode() + await request.body())

    app = Application()
    app.router = Router([Route("/", read)], middleware=[Middleware(Tag)], max_body_size=2)
    assert (await call(app, body=b"ab")).body == b"taggedab"
    assert (await call(app, body=b"abc")).status == 413


async def test_the_default_of_a_router_handles_requests_without_a_route() -> None:
    async def fallback(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("fallback")(scope, receive, send)

    assert (await call(Router([], default=fallback), "/x")).text == "fallback"


async def test_a_minimal_scope_is_enough() -> None:
    response = await exchange(Application(routes=[Route("/", hello)]), {"type": "http", "method": "GET", "path": "/"})
    assert (response.status, response.receives) == (200, 0)


def test_routes_compare_by_their_attributes() -> None:
    assert Route("/", hello) == Route("/", hello)
    assert Route("/", hello) != Route("/", hello, methods=["POST"])
    assert WebSocketRoute("/", echo) == WebSocketRoute("/", echo)
    assert WebSocketRoute("/", echo) != Route("/", echo)
    inner = Router()
    assert Mount("/m/", inner) == Mount("/m", inner)
    assert Mount("/m", inner) != Mount("/m", inner, name="m")
    assert Host("a.b", inner) == Host("a.b", inner)


def routers() -> list[Router]:
    """Routers that differ in their routes."""
    return [
        Router(),
        Router([Route("/", hello)]),
        Router([Route("/", hello, methods=["POST"])]),
        Router([Route("/", hello), Route("/", hello)]),
        Router([WebSocketRoute("/", echo)]),
        Router([Mount("/a", Router([Route("/", hello)]))]),
        Router([Mount("/a", routes=[Route("/", hello), Route("/b", hello)])]),
        Router([Host("a.b", Router([Route("/", hello)]))]),
        Router([Mount("/a", Router([Mount("/b", routes=[Route("/", hello)])]))]),
    ]


WRAPS: list[Callable[[Router], Any]] = [
    lambda router: router,
    lambda router: Mount("/m", router),
    lambda router: Mount("/m", routes=list(router.routes)),
    lambda router: Host("a.b", router),
    lambda router: Router([Mount("/m", app=router)]),
]


@pytest.mark.parametrize("wrap", WRAPS)
def test_routers_mounts_and_hosts_with_the_same_routes_are_equal(wrap: Callable[[Router], Any]) -> None:
    for row, one in enumerate(map(wrap, routers())):
        for column, other in enumerate(map(wrap, routers())):
            assert (one == other) is (row == column), (one, other)
            assert (one != other) is (row != column)


def test_a_router_compares_with_routers_only() -> None:
    assert Router() != []
    assert Router() != Application()
    assert Router().__eq__([]) is NotImplemented


def test_equal_routers_have_one_hash_which_stays() -> None:
    one, other = Router([Route("/", hello)]), Router([Route("/", hello)])
    assert hash(one) == hash(other)
    known = {one: 1}
    one.add_route("/b", hello)
    assert (known.get(one), known.get(other)) == (1, None)


def test_a_router_of_typed_endpoints_is_equal_to_itself_only() -> None:
    one, other = TypedRouter(prefix="/a"), TypedRouter(prefix="/b")
    assert one == one  # noqa: PLR0124 - that is what is tested
    assert one != other
    assert one != Router()
    assert Router() != one
    assert len({one, other}) == 2


def test_the_repr_of_a_route_shows_its_attributes() -> None:
    assert repr(Route("/a", hello)) == "Route(path='/a', name='hello', methods=['GET', 'HEAD'])"
    assert repr(WebSocketRoute("/a", hello)) == "WebSocketRoute(path='/a', name='hello')"
    assert repr(Mount("/a", hello)).startswith("Mount(path='/a', name='', app=<function hello")
    assert repr(Host("a.b", hello, name="h")).startswith("Host(host='a.b', name='h', app=<function hello")


def test_errors_are_raised_when_a_route_is_created() -> None:
    for make in (lambda: Route("a", hello), lambda: WebSocketRoute("a", hello), lambda: Mount("a", hello)):
        with pytest.raises(AssertionError, match="Routed paths must start with '/'"):
            make()
    with pytest.raises(AssertionError, match="Host must not start with '/'"):
        Host("/a", hello)
    with pytest.raises(AssertionError, match=r"Either 'app=\.\.\.', or 'routes=' must be specified"):
        Mount("/a")

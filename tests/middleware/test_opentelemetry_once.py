"""A request has one span, however many instances of the middleware it passes; which requests have none; the port."""

from collections.abc import Callable
from typing import Any

import pytest

from signette.app import App
from signette.applications import Application
from signette.middleware.registry import Middleware
from signette.responses.plain import PlainTextResponse
from signette.routing.host import Host
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.routing.router import Router
from signette.routing.websocket import WebSocketRoute
from tests.asgi import call, exchange, scope_of
from tests.middleware.test_opentelemetry import Collector, hello, session

pytestmark = pytest.mark.either_loop


@pytest.fixture
def collector() -> Collector:
    return Collector()


def routes() -> list[Any]:
    return [Route("/health", hello), WebSocketRoute("/socket", session)]


class Copying:
    """Middleware that passes a copy of the scope on."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app({**scope}, receive, send)


def around(app: Any, layer: Middleware) -> Any:
    return layer.cls(app, *layer.args, **layer.kwargs)


# Where a second instance may be; the paths begin with /api.
TWICE: dict[str, Callable[[Middleware, Middleware], Any]] = {
    "the same list": lambda outer, inner: Application(
        routes=[Mount("/api", routes=routes())], middleware=[outer, inner]
    ),
    "a mounted application": lambda outer, inner: Application(
        routes=[Mount("/api", Application(routes=routes(), middleware=[inner]))], middleware=[outer]
    ),
    "a mounted App": lambda outer, inner: App(
        routes=[Mount("/api", App(routes=routes(), middleware=[inner]))], middleware=[outer]
    ),
    "a mount": lambda outer, inner: Application(
        routes=[Mount("/api", routes=routes(), middleware=[inner])], middleware=[outer]
    ),
    "a router": lambda outer, inner: Application(
        routes=[Mount("/api", Router(routes(), middleware=[inner]))], middleware=[outer]
    ),
    "a route": lambda outer, inner: Application(
        routes=[
            Route("/api/health", hello, middleware=[inner]),
            WebSocketRoute("/api/socket", session, middleware=[inner]),
        ],
        middleware=[outer],
    ),
    "a host": lambda outer, inner: Application(
        routes=[Host("host", Application(routes=[Mount("/api", routes=routes())], middleware=[inner]))],
        middleware=[outer],
    ),
    "behind a copy of the scope": lambda outer, inner: Application(
        routes=[Mount("/api", routes=routes())], middleware=[outer, Middleware(Copying), inner]
    ),
    "around the application": lambda outer, inner: around(
        Application(routes=[Mount("/api", routes=routes())], middleware=[inner]), outer
    ),
}
HOST = [(b"host", b"host")]


@pytest.mark.parametrize("where", TWICE)
async def test_instances_inside_of_each_other_make_one_span(collector: Collector, where: str) -> None:
    app = TWICE[where](collector.layer(), collector.layer())
    assert (await call(app, "/api/health", headers=HOST)).text == "hello"
    assert collector.span.name in ("GET /api/health", "GET")  # what is found behind a copy is not seen before it
    [point] = collector.points
    assert point.count == 1
    await call(app, "/api/socket", kind="websocket", headers=HOST)
    assert len(collector.spans) == 2


@pytest.mark.parametrize("where", TWICE)
async def test_what_the_outermost_excludes_has_no_span_further_in(collector: Collector, where: str) -> None:
    app = TWICE[where](collector.layer(excluded_urls="/api/health$, /socket$"), collector.layer())
    assert (await call(app, "/api/health", headers=HOST)).text == "hello"
    await call(app, "/api/socket", kind="websocket", headers=HOST)
    assert (collector.spans, collector.points) == ([], [])
    await call(app, "/api/other", headers=HOST)
    assert len(collector.spans) == 1


@pytest.mark.parametrize("where", TWICE)
async def test_what_an_inner_one_excludes_has_the_span_of_the_outermost(collector: Collector, where: str) -> None:
    app = TWICE[where](collector.layer(), collector.layer(excluded_urls="/api/health$"))
    await call(app, "/api/health", headers=HOST)
    assert len(collector.spans) == 1


async def test_each_call_with_one_scope_has_a_span(collector: Collector) -> None:
    async def fails(request: Any) -> Any:
        attempts.append(request.scope["path"])
        if len(attempts) < 3:
            raise ConnectionError
        return PlainTextResponse("at last")

    class Retrying(Copying):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            for _ in range(2):
                try:
                    return await self.app(scope, receive, send)
                except ConnectionError:
                    pass
            return await self.app(scope, receive, send)

    attempts: list[str] = []
    app = Retrying(around(Router([Route("/", fails)]), collector.layer()))
    assert (await call(app)).text == "at last"
    assert [span.status.status_code.name for span in collector.spans] == ["ERROR", "ERROR", "UNSET"]


async def test_the_scope_is_left_as_it_was(collector: Collector) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("plain")(scope, receive, send)

    for options in {}, {"excluded_urls": "."}:
        scope = scope_of()
        before = set(scope)
        await exchange(around(app, collector.layer(**options)), scope)
        assert set(scope) == before


@pytest.mark.parametrize(
    ("pattern", "scope", "excluded"),
    [
        ("^http://testserver/health", {}, True),
        ("^https://testserver/health", {}, False),
        ("probe=1", {"query_string": b"probe=1"}, True),
        (r"/health\?probe=1$", {"query_string": b"probe=1"}, True),
        (r"^/health$", {"query_string": b"probe=1"}, True),
        (r"example\.org:8000/", {"headers": [(b"host", b"example.org:8000")]}, True),
        (r"^example\.org", {"headers": [(b"host", b"example.org")]}, False),
        ("^/health", {"root_path": "/root", "path": "/root/health"}, False),
        ("^/root/health$", {"root_path": "/root", "path": "/root/health"}, True),
        ("testserver/root/health$", {"root_path": "/root", "path": "/root/health"}, True),
        ("/a b$", {"path": "/a b", "raw_path": b"/a%20b"}, True),
        ("^wss?://", {}, False),
        ("health", {"headers": [(b"host", b"\xff@[")]}, True),
        ("nothing", {}, False),
    ],
)
async def test_a_pattern_is_searched_in_the_url_and_in_the_path(
    collector: Collector, pattern: str, scope: dict[str, Any], excluded: bool
) -> None:
    app = around(PlainTextResponse("plain"), collector.layer(excluded_urls=[pattern]))
    sent = scope_of(**{"path": "/health", "headers": [(b"host", b"testserver")], **scope})
    assert (await exchange(app, sent)).text == "plain"
    assert len(collector.spans) == (0 if excluded else 1)


async def test_the_url_of_a_socket_is_searched_too(collector: Collector) -> None:
    app = Application(routes=routes(), middleware=[collector.layer(excluded_urls="^wss?://testserver/socket$")])
    await call(app, "/socket", kind="websocket", headers=[(b"host", b"testserver")])
    assert collector.spans == []


@pytest.mark.parametrize(
    ("scope", "address"),
    [
        ({"headers": [(b"host", b"example.org:81")]}, ("example.org", 81)),
        ({"headers": [(b"host", b"example.org")]}, ("example.org", 80)),
        ({"headers": [(b"host", b"example.org")], "scheme": "https"}, ("example.org", 443)),
        ({"headers": [(b"host", b"example.org")], "scheme": "HTTPS"}, ("example.org", 443)),
        ({"headers": [(b"host", b"example.org")], "scheme": "gopher"}, ("example.org", None)),
        ({"headers": [(b"host", b"[::1]:9")]}, ("::1", 9)),
        ({"headers": []}, ("10.0.0.1", 8000)),
        ({"headers": [(b"host", b"a b/c")]}, ("10.0.0.1", 8000)),
        ({"headers": [], "server": ("10.0.0.1", 80)}, ("10.0.0.1", 80)),
        ({"headers": [], "server": ("/run/socket", None)}, (None, None)),
        ({"headers": [], "server": None}, (None, None)),
    ],
)
async def test_an_address_has_its_port(
    collector: Collector, scope: dict[str, Any], address: tuple[str | None, int | None]
) -> None:
    app = around(PlainTextResponse("plain"), collector.layer())
    await exchange(app, scope_of(**{"server": ("10.0.0.1", 8000), **scope}))
    found = collector.span.attributes
    assert (found.get("server.address"), found.get("server.port")) == address


@pytest.mark.parametrize(("scheme", "port"), [("ws", 80), ("wss", 443)])
async def test_that_of_a_socket_too(collector: Collector, scheme: str, port: int) -> None:
    app = Application(routes=routes(), middleware=[collector.layer()])
    await call(app, "/socket", kind="websocket", scheme=scheme, headers=[(b"host", b"example.org")])
    assert collector.span.attributes["server.port"] == port


async def test_without_a_version_in_the_scope_there_is_none(collector: Collector) -> None:
    scope = scope_of()
    del scope["http_version"]
    await exchange(around(PlainTextResponse("plain"), collector.layer()), scope)
    [point] = collector.points
    assert "network.protocol.version" not in {**collector.span.attributes, **point.attributes}

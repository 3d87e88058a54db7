"""Spans are those of Starlette's middleware, but for the rows of the page."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.asgi import call
from tests.differential.names import SIGNETTE, STARLETTE, Names

pytestmark = pytest.mark.either_loop

Spans = list[tuple[str, dict[str, Any]]]
"""The name and the attributes of each."""


class Traced:
    """An application of one side with the middleware, in an application with it, and its spans."""

    def __init__(self, names: Names, **options: Any) -> None:
        self.exporter = InMemorySpanExporter()
        tracers = TracerProvider()
        tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        cls = import_module(f"{names.package}.middleware.opentelemetry").OpenTelemetryMiddleware

        async def hello(request: Any) -> Any:
            return names.PlainTextResponse("hello")

        async def fails(request: Any) -> Any:
            raise ValueError("why")

        async def refuses(request: Any) -> Any:
            raise names.HTTPException(503)

        async def socket(websocket: Any) -> None:
            await websocket.accept()

        inner = names.Application(
            routes=[names.Route("/health", hello)], middleware=[names.Middleware(cls, tracer_provider=tracers)]
        )
        self.app = names.Application(
            routes=[
                names.Route("/items/{id:int}", hello),
                names.Route("/fails", fails),
                names.Route("/refuses", refuses),
                names.Mount("/shop/{place}", routes=[names.Route("/items/{id}", hello)]),
                names.Mount("/api", inner),
                names.WebSocketRoute("/socket", socket),
            ],
            middleware=[names.Middleware(cls, tracer_provider=tracers, **options)],
        )

    async def spans(self, path: str, method: str = "GET", **scope: Any) -> Spans:
        scope = {"headers": [(b"host", b"example.org:8000")], **scope}
        await call(self.app, path, method, **scope)
        found = [(span.name, dict(span.attributes or {})) for span in self.exporter.get_finished_spans()]
        self.exporter.clear()
        return found


async def both(path: str, options: Mapping[str, Any] | None = None, **scope: Any) -> tuple[Spans, Spans]:
    theirs, ours = [await Traced(names, **(options or {})).spans(path, **scope) for names in (STARLETTE, SIGNETTE)]
    return theirs, ours


HEALTH = {"excluded_urls": ["/health$"]}


@pytest.mark.parametrize(
    ("path", "scope", "options"),
    [
        ("/items/3", {}, {}),
        ("/items/3", {"query_string": b"a=1&b=%20", "method": "HEAD", "http_version": "2"}, {}),
        ("/items/3", {"method": "PUT"}, {}),
        ("/items/3", {"headers": [(b"host", b"[::1]:9"), (b"user-agent", b"test/1")]}, {}),
        ("/items/3", {"headers": [], "server": ("10.0.0.1", 8000), "scheme": "https"}, {}),
        ("/items/3", {"headers": [(b"host", b"testserver")], "server": ("testserver", 80)}, {}),
        ("/items/3", {"headers": [], "server": ("/run/socket", None)}, {}),
        ("/items/3", {"headers": [], "server": None, "client": None}, {}),
        ("/none", {}, {}),
        ("/refuses", {}, {}),
        ("/api/health", {}, {}),
        ("/api/health", {}, HEALTH),
        ("/api/none", {}, HEALTH),
        ("/items/3", {}, {"excluded_urls": "nothing, ^http://example"}),
        ("/items/3", {"query_string": b"probe=1"}, {"excluded_urls": ["probe=1"]}),
        ("/items/3", {}, {"excluded_urls": ["^https:", r"items/3\?"]}),
    ],
)
async def test_spans_are_the_same(path: str, scope: dict[str, Any], options: dict[str, Any]) -> None:
    theirs, ours = await both(path, options, **scope)
    assert ours == theirs


ROWS: list[tuple[str, Callable[[], Any]]] = []
"""A line of the page, and a test of it."""


def row(there: str, here: str, move: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    def note(test: Callable[[], Any]) -> Callable[[], Any]:
        ROWS.append((f"| {there} | {here} | {move} |", test))
        return test

    return note


@row(
    "`OpenTelemetryMiddleware` makes no spans of WebSockets",
    "a WebSocket has a span from its beginning to its end",
    '`excluded_urls=["^wss?://"]` for none',
)
async def sockets() -> None:
    theirs, ours = await both("/socket", kind="websocket", method="GET")
    assert (theirs, [name for name, _ in ours]) == ([], ["GET /socket"])
    assert await Traced(SIGNETTE, excluded_urls=["^wss?://"]).spans("/socket", kind="websocket") == []


@row(
    "an unknown method is recorded as it is, and `get` as `GET`",
    "`http.request.method` is `_OTHER` for both, as a method is case-sensitive",
    "read `http.request.method_original`",
)
async def methods() -> None:
    for method, recorded in ("BREW", "BREW"), ("get", "GET"):
        [(_, theirs)], [(_, ours)] = await both("/none", method=method)
        assert (theirs["http.request.method"], ours["http.request.method"]) == (recorded, "_OTHER")
        assert ours["http.request.method_original"] == method


@row(
    "`excluded_urls` is searched in the URL",
    "it is searched in the URL, and in the path alone, so that `^/health` matches",
    "nothing",
)
async def excluded() -> None:
    theirs, ours = await both("/items/3", {"excluded_urls": ["^/items"]})
    assert (len(theirs), ours) == (1, [])


@row(
    "without a port in `Host`, `server.port` is the one that the server listens on",
    "it is the default port of the scheme, which the client has used",
    "nothing",
)
async def ports() -> None:
    scope = {"headers": [(b"host", b"example.org")], "server": ("10.0.0.1", 8000), "scheme": "https"}
    [(_, theirs)], [(_, ours)] = await both("/items/3", **scope)
    assert (theirs["server.port"], ours["server.port"]) == (8000, 443)


@row(
    "`url.query` has the values of `sig`, `Signature`, `access_token`, ...",
    "they are `REDACTED`, as those of an application's API keys",
    "nothing",
)
async def secrets() -> None:
    [(_, theirs)], [(_, ours)] = await both("/items/3", query_string=b"a=1&sig=secret")
    assert (theirs["url.query"], ours["url.query"]) == ("a=1&sig=secret", "a=1&sig=REDACTED")


@row(
    "`http.route` has the values of a mount's path parameters",
    "it has their names: `/shop/{place}/items/{id}`",
    "nothing",
)
async def mounts() -> None:
    [(_, theirs)], [(_, ours)] = await both("/shop/berlin/items/3")
    assert (theirs["http.route"], ours["http.route"]) == ("/shop/berlin/items/{id}", "/shop/{place}/items/{id}")


@row(
    "the span of a request that fails with an exception has no status code",
    "`http.response.status_code` is 500, as the server sends it",
    "nothing",
)
async def failures() -> None:
    [(_, theirs)], [(_, ours)] = await both("/fails")
    assert theirs.get("http.response.status_code") is None
    assert ours["http.response.status_code"] == 500
    assert theirs["error.type"] == ours["error.type"] == "ValueError"


@pytest.mark.parametrize("difference", [test for _, test in ROWS], ids=lambda test: test.__name__)
async def test_a_row_is_so(difference: Callable[[], Any]) -> None:
    await difference()

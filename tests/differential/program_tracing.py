"""Programs for differences between the OpenTelemetry middleware."""

from importlib import import_module
from typing import Any

import anyio
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.asgi import scope_of
from tests.differential.building import client_for, says
from tests.differential.names import Names
from tests.differential.programs import Programs

rows = Programs()


class Traced:
    """An application in `OpenTelemetryMiddleware`, and its spans."""

    def __init__(self, names: Names, *routes: Any, **options: Any) -> None:
        self._names = names
        self._exporter, provider = InMemorySpanExporter(), TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        middleware = import_module(f"{names.package}.middleware.opentelemetry").OpenTelemetryMiddleware
        layer = names.Middleware(middleware, tracer_provider=provider, **options)
        self.app = names.Application(routes=list(routes), middleware=[layer])

    def client(self, **options: Any) -> Any:
        return client_for(self._names, self.app, **options)

    @property
    def spans(self) -> list[dict[str, Any]]:
        """The attributes of the spans."""
        return [dict(span.attributes or {}) for span in self._exporter.get_finished_spans()]


@rows.differs(
    "`OpenTelemetryMiddleware` makes no spans of WebSockets",
    "a WebSocket has a span from its beginning to its end",
    '`excluded_urls=["^wss?://"]` for none',
    returns=((0, 0), (1, 0)),
)
def sockets(names: Names) -> Any:
    async def endpoint(websocket: Any) -> None:
        await websocket.accept()
        await websocket.close()

    counts = []
    for excluded in ([], ["^wss?://"]):
        traced = Traced(names, names.WebSocketRoute("/", endpoint), excluded_urls=excluded)
        with traced.client().websocket_connect("/"):
            pass
        counts.append(len(traced.spans))
    return tuple(counts)


@rows.differs(
    "an unknown method is recorded as it is, and `get` as `GET`",
    "`http.request.method` is `_OTHER` for both, as a method is case-sensitive",
    "read `http.request.method_original`",
    returns=([("FOO", None), ("GET", "get")], [("_OTHER", "FOO"), ("_OTHER", "get")]),
)
def unknown_methods(names: Names) -> Any:
    traced = Traced(names, names.Route("/", says(names)))

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None: ...

    for method in ("FOO", "get"):
        anyio.run(traced.app, scope_of("/", method), receive, send)
    return [(span["http.request.method"], span.get("http.request.method_original")) for span in traced.spans]


@rows.differs(
    "`excluded_urls` is searched in the URL",
    "it is searched in the URL, and in the path alone, so that `^/health` matches",
    returns=(1, 0),
)
def excluded(names: Names) -> Any:
    traced = Traced(names, names.Route("/health", says(names)), excluded_urls=["^/health"])
    traced.client().get("/health")
    return len(traced.spans)


@rows.differs(
    "without a port in `Host`, `server.port` is the one that the server listens on",
    "it is the default port of the scheme, which the client has used",
    returns=(8000, 80),
)
def ports(names: Names) -> Any:
    traced = Traced(names, names.Route("/", says(names)))
    traced.client(base_url="http://testserver:8000").get("/", headers={"host": "a.example"})
    return traced.spans[0].get("server.port")


@rows.differs(
    "`url.query` has the values of `sig`, `Signature`, `access_token`, ...",
    "they are `REDACTED`, as those of an application's API keys",
    returns=("sig=secret&access_token=secret", "sig=REDACTED&access_token=REDACTED"),
)
def secrets(names: Names) -> Any:
    traced = Traced(names, names.Route("/", says(names)))
    traced.client().get("/?sig=secret&access_token=secret")
    return traced.spans[0]["url.query"]


@rows.differs(
    "`http.route` has the values of a mount's path parameters",
    "it has their names: `/shop/{place}/items/{id}`",
    returns=("/shop/oslo/items/{id}", "/shop/{place}/items/{id}"),
)
def mounted_routes(names: Names) -> Any:
    inner = names.Mount("/shop/{place}", routes=[names.Route("/items/{id}", says(names))])
    traced = Traced(names, inner)
    traced.client().get("/shop/oslo/items/1")
    return traced.spans[0]["http.route"]


@rows.differs(
    "the span of a request that fails with an exception has no status code",
    "`http.response.status_code` is 500, as the server sends it",
    returns=(None, 500),
)
def failures(names: Names) -> Any:
    async def broken(request: Any) -> Any:
        raise RuntimeError

    traced = Traced(names, names.Route("/", broken))
    traced.client().get("/")
    return traced.spans[0].get("http.response.status_code")

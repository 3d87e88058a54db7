"""Spans and measurements of requests: what they are called, what they report, and when they end."""

import sys
from pathlib import Path
from typing import Annotated, Any

import anyio
import pytest
from opentelemetry import trace
from opentelemetry.propagate import get_global_textmap, set_global_textmap
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel, Field, SecretBytes, SecretStr

import signette.middleware.opentelemetry as door
from signette.app import App, Router
from signette.applications import Application
from signette.background import BackgroundTask
from signette.concurrency import run_in_threadpool
from signette.declarative.security.schemes import APIKeyQuery
from signette.declarative.signature.marker_functions import Depends, Security
from signette.declarative.signature.markers import Query
from signette.exceptions import HTTPException
from signette.middleware.gzip import GZipMiddleware
from signette.middleware.opentelemetry import OpenTelemetryMiddleware
from signette.middleware.registry import Middleware
from signette.responses.plain import PlainTextResponse, Response
from signette.responses.streaming import StreamingResponse
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.routing.websocket import WebSocketRoute
from signette.websockets import WebSocket
from tests.asgi import call
from tests.timeouts import SECONDS


class Collector:
    """Where spans and measurements go to."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider(metric_readers=[self.reader])

    def layer(self, **options: Any) -> Middleware:
        return Middleware(OpenTelemetryMiddleware, tracer_provider=self.tracers, meter_provider=self.meters, **options)

    @property
    def spans(self) -> list[Any]:
        return list(self.exporter.get_finished_spans())

    @property
    def span(self) -> Any:
        [span] = self.spans
        return span

    @property
    def points(self) -> list[Any]:
        data = self.reader.get_metrics_data()
        if data is None:
            return []
        [metric] = data.resource_metrics[0].scope_metrics[0].metrics
        assert (metric.name, metric.unit) == ("http.server.request.duration", "s")
        return list(metric.data.data_points)


@pytest.fixture
def collector() -> Collector:
    return Collector()


async def hello(request: Any) -> Any:
    return PlainTextResponse("hello")


async def boom(request: Any) -> Any:
    raise ValueError("boom")


async def refuse(request: Any) -> Any:
    raise HTTPException(503)


async def session(websocket: Any) -> None:
    await websocket.accept()


async def raw(scope: Any, receive: Any, send: Any) -> None:
    await Response()(scope, receive, send)


def app_of(collector: Collector, **options: Any) -> Application:
    routes = [
        Route("/items/{id:int}", hello, methods=["GET", "POST", "QUERY"]),
        Route("/boom", boom),
        Route("/refuse", refuse),
        Mount("/shop/{place}", routes=[Route("/items/{id}", hello)]),
        Mount("/files", raw),
        WebSocketRoute("/chat/{room}", session),
    ]
    return Application(routes=routes, middleware=[collector.layer(**options)])


async def test_a_span_is_called_after_its_route_and_has_the_attributes_of_the_convention(collector: Collector) -> None:
    await call(
        app_of(collector),
        "/items/3",
        query_string=b"a=1&sig=abc&b=2",
        headers=[(b"host", b"example.org:8000"), (b"user-agent", b"test/1")],
        scheme="https",
        http_version="2",
        client=("10.0.0.1", 5000),
    )
    span = collector.span
    assert (span.name, span.kind, span.status.status_code.name) == ("GET /items/{id}", trace.SpanKind.SERVER, "UNSET")
    assert span.instrumentation_scope.name == "signette"
    assert dict(span.attributes) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": "/items/{id}",
        "url.scheme": "https",
        "url.path": "/items/3",
        "url.query": "a=1&sig=REDACTED&b=2",
        "network.protocol.version": "2",
        "server.address": "example.org",
        "server.port": 8000,
        "client.address": "10.0.0.1",
        "user_agent.original": "test/1",
    }


@pytest.mark.parametrize(
    ("method", "path", "name", "route"),
    [
        ("POST", "/items/3", "POST /items/{id}", "/items/{id}"),
        ("QUERY", "/items/3", "QUERY /items/{id}", "/items/{id}"),
        ("GET", "/shop/berlin/items/3", "GET /shop/{place}/items/{id}", "/shop/{place}/items/{id}"),
        ("GET", "/files/a/b", "GET /files", "/files"),
        ("GET", "/nowhere/3", "GET", None),
        ("BREW", "/nowhere/3", "HTTP", None),
    ],
)
async def test_names_and_routes_have_few_values(
    collector: Collector, method: str, path: str, name: str, route: str | None
) -> None:
    await call(app_of(collector), path, method)
    assert (collector.span.name, collector.span.attributes.get("http.route")) == (name, route)
    [point] = collector.points
    assert point.attributes.get("http.route") == route
    assert point.attributes["http.request.method"] == ("_OTHER" if method == "BREW" else method)
    original = collector.span.attributes.get("http.request.method_original")
    assert original == ("BREW" if method == "BREW" else None)


async def test_a_typed_route_is_recorded_too(collector: Collector) -> None:
    app = App(middleware=[collector.layer()])

    @app.get("/double/{number}")
    async def double(number: int) -> int:
        return 2 * number

    await call(app, "/double/3")
    await call(app, "/double/x")
    assert [span.name for span in collector.spans] == ["GET /double/{number}"] * 2
    assert [span.attributes["http.response.status_code"] for span in collector.spans] == [200, 422]


async def test_durations_are_measured_by_attributes_of_few_values(collector: Collector) -> None:
    for path in ("/items/3", "/items/4", "/refuse"):
        await call(app_of(collector), path)
    points = {point.attributes["http.route"]: point for point in collector.points}
    assert {route: point.count for route, point in points.items()} == {"/items/{id}": 2, "/refuse": 1}
    assert dict(points["/refuse"].attributes) == {
        "http.request.method": "GET",
        "http.response.status_code": 503,
        "http.route": "/refuse",
        "url.scheme": "http",
        "network.protocol.version": "1.1",
        "error.type": "503",
    }
    assert 0 < points["/refuse"].sum < 5
    assert points["/refuse"].explicit_bounds[:3] == (0.005, 0.01, 0.025)


async def test_what_the_application_raises_is_recorded_and_goes_on(collector: Collector) -> None:
    response = await call(app_of(collector), "/boom")
    assert (response.status, type(response.error)) == (500, ValueError)
    span = collector.span
    assert (span.status.status_code.name, span.attributes["error.type"]) == ("ERROR", "ValueError")
    assert span.attributes["http.response.status_code"] == 500
    [event] = span.events
    assert (event.name, event.attributes["exception.message"]) == ("exception", "boom")


async def test_a_5xx_response_is_an_error_and_a_4xx_is_not(collector: Collector) -> None:
    for path, status, error in (("/refuse", "ERROR", "503"), ("/nowhere", "UNSET", None)):
        await call(app_of(collector), path)
        assert collector.span.status.status_code.name == status
        assert collector.span.attributes.get("error.type") == error
        collector.exporter.clear()


async def test_the_span_of_the_client_is_the_parent(collector: Collector) -> None:
    seen: list[Any] = []

    async def look(request: Any) -> Any:
        seen.append(trace.get_current_span().get_span_context().span_id)
        return Response()

    app = Application(routes=[Route("/", look)], middleware=[collector.layer()])
    trace_id, span_id = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    await call(app, headers=[(b"traceparent", f"00-{trace_id}-{span_id}-01".encode())])
    span = collector.span
    assert (f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}") == (trace_id, span_id)
    assert seen == [span.context.span_id]
    assert trace.get_current_span().get_span_context().span_id == 0


async def test_any_propagator_can_read_the_fields(collector: Collector) -> None:
    seen: list[Any] = []

    class Propagator:
        def extract(self, carrier: Any, context: Any = None, getter: Any = None) -> Any:
            seen.append((getter.get(carrier, "X-Trace"), getter.get(carrier, "none"), getter.keys(carrier)))
            return context

    before = get_global_textmap()
    set_global_textmap(Propagator())
    try:
        await call(app_of(collector), "/items/3", headers=[(b"x-trace", b"1"), (b"x-trace", b"2")])
    finally:
        set_global_textmap(before)
    assert seen == [(["1", "2"], None, ["x-trace", "x-trace"])]


async def test_background_work_is_no_part_of_the_duration(collector: Collector) -> None:
    order: list[Any] = []

    async def work() -> None:
        order.append(trace.get_current_span().get_span_context().span_id)

    async def endpoint(request: Any) -> Any:
        return Response(b"x", background=BackgroundTask(work))

    app = Application(routes=[Route("/", endpoint)], middleware=[collector.layer()])
    clock = iter([10.0, 10.5, 99.0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door, "perf_counter", lambda: next(clock))
        await call(app)
    assert order == [collector.span.context.span_id]
    assert collector.points[0].sum == 0.5


@pytest.mark.parametrize(
    "messages",
    [
        [{"type": "http.response.body", "body": b"a", "more_body": True}, {"type": "http.response.body"}],
        [{"type": "http.response.pathsend", "path": "/x"}],
        [{"type": "http.response.body"}, {"type": "http.response.trailers", "more_trailers": False}],
        [],
    ],
)
async def test_a_request_ends_with_its_last_message(collector: Collector, messages: list[Any]) -> None:
    has_trailers = any(message["type"].endswith("trailers") for message in messages)
    ticks = iter(range(100))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [], "trailers": has_trailers})
        for message in messages:
            await send(message)
        for _ in range(3):
            next(ticks)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door, "perf_counter", lambda: next(ticks))
        cls, args, options = collector.layer()
        await call(cls(app, *args, **options))
    assert collector.points[0].sum == (1 if messages else 4)


async def test_a_span_ends_also_when_the_server_gives_up(collector: Collector) -> None:
    begun = anyio.Event()

    async def endpoint(request: Any) -> Any:
        async def chunks() -> Any:
            yield b"x"
            begun.set()
            await anyio.sleep_forever()

        return StreamingResponse(chunks())

    app = Application(routes=[Route("/", endpoint)], middleware=[collector.layer()])
    with anyio.fail_after(SECONDS):
        async with anyio.create_task_group() as group:
            group.start_soon(call, app)
            await begun.wait()
            group.cancel_scope.cancel()
    assert collector.span.attributes["http.response.status_code"] == 200


@pytest.mark.parametrize(
    ("path", "status", "error"), [("/chat/a", 101, None), ("/nowhere", 403, None), ("/boom-socket", 500, "ValueError")]
)
async def test_a_socket_has_a_span_and_no_duration(
    collector: Collector, path: str, status: int, error: str | None
) -> None:
    async def fails(websocket: Any) -> None:
        raise ValueError

    app = app_of(collector)
    app.routes.append(WebSocketRoute("/boom-socket", fails))
    await call(app, path, kind="websocket", scheme="ws")
    span = collector.span
    assert (span.attributes["http.response.status_code"], span.attributes.get("error.type")) == (status, error)
    assert span.attributes["url.scheme"] == "ws"
    assert span.name == {"/chat/a": "GET /chat/{room}", "/nowhere": "GET"}.get(path, f"GET {path}")
    assert collector.points == []


@pytest.mark.parametrize("excluded", ["health, ^/items/", ["health", "^/items/"]])
async def test_excluded_paths_have_no_span(collector: Collector, excluded: Any) -> None:
    app = app_of(collector, excluded_urls=excluded)
    assert (await call(app, "/items/3")).text == "hello"
    await call(app, "/a/healthz")
    assert (collector.spans, collector.points) == ([], [])
    await call(app, "/shop/berlin/items/3")
    assert len(collector.spans) == 1


@pytest.mark.parametrize(
    ("query", "recorded"),
    [
        ("a=1&sig=abc&b=2", "a=1&sig=REDACTED&b=2"),
        ("s%69g=abc&%73ig=abc", "s%69g=REDACTED&%73ig=REDACTED"),
        ("SIG=abc&+Signature=x&X-Goog-Signature=", "SIG=REDACTED&+Signature=REDACTED&X-Goog-Signature=REDACTED"),
        ("AWSAccessKeyId=a&access_token=b", "AWSAccessKeyId=REDACTED&access_token=REDACTED"),
        ("access%5Ftoken=c=d&sig[]=e", "access%5Ftoken=REDACTED&sig[]=REDACTED"),
        ("signs=1&design=2&=3&sig", "signs=1&design=2&=3&sig"),
        ("a=sig=1&&b=%zz", "a=sig=1&&b=%zz"),
    ],
)
async def test_secrets_of_the_query_are_not_recorded(collector: Collector, query: str, recorded: str) -> None:
    await call(app_of(collector), "/items/3", query_string=query.encode())
    assert collector.span.attributes["url.query"] == recorded


def keyed_app(**options: Any) -> App:
    """An application whose clients send keys in the query, wherever a route can stand."""

    def key(name: str) -> Any:
        return Security(APIKeyQuery(name=name, auto_error=False))

    app, mounted, mounted_deeply = App(**options), App(), App()

    @app.get("/")
    async def root(key: Annotated[str | None, Depends(APIKeyQuery(name="api_key", auto_error=False))]) -> int:
        return 1

    @app.websocket("/socket", dependencies=[key("ticket")])
    async def socket(websocket: WebSocket) -> None:
        await websocket.close()

    router = Router(prefix="/routed", dependencies=[key("r\u00f6uter")])

    @router.get("/")
    async def routed() -> int:
        return 1

    app.include_router(router)

    @mounted_deeply.get("/", dependencies=[key("inner key")])
    async def deep() -> int:
        return 1

    mounted.mount("/deep", mounted_deeply)
    app.mount("/mounted", mounted)
    return app


KEYED = "api_key=1&Api%5fKey=2&ticket=3&r%C3%B6uter=4&inner+key=5&other=6&cookie_key=7"
KEYED_RECORDED = (
    "api_key=REDACTED&Api%5fKey=REDACTED&ticket=REDACTED&r%C3%B6uter=REDACTED&inner+key=REDACTED&other=6&cookie_key=7"
)


@pytest.mark.parametrize("path", ["/", "/nowhere", "/routed/", "/mounted/deep/"])
@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_api_keys_of_the_applications_schemes_are_not_recorded(
    collector: Collector, path: str, kind: str
) -> None:
    await call(keyed_app(middleware=[collector.layer()]), path, kind=kind, query_string=KEYED.encode())
    assert collector.span.attributes["url.query"] == KEYED_RECORDED


async def test_parameters_whose_type_is_a_secret_are_not_recorded(collector: Collector) -> None:
    class Login(BaseModel):
        name: str
        password: SecretStr = Field(SecretStr(""), alias="pass-word")

    app = App(middleware=[collector.layer()])

    @app.get("/")
    async def log_in(
        login: Annotated[Login, Query()],
        pin: SecretStr | None = None,
        codes: Annotated[list[SecretBytes], Query(alias="code")] = [],  # noqa: B006 - a default is copied
    ) -> int:
        return 1

    response = await call(app, query_string=b"name=a&pass-word=b&pin=c&code=d&code=e&other=f")
    assert response.text == "1"
    secrets = "pass-word=REDACTED&pin=REDACTED&code=REDACTED&code=REDACTED"
    assert collector.span.attributes["url.query"] == f"name=a&{secrets}&other=f"


async def test_neither_where_the_middleware_wraps_the_application(collector: Collector) -> None:
    for app in (keyed_app(), Application(routes=[Mount("/", keyed_app())]), GZipMiddleware(keyed_app())):
        middleware = collector.layer()
        await call(middleware.cls(app, *middleware.args, **middleware.kwargs), query_string=KEYED.encode())
    assert [span.attributes["url.query"] for span in collector.spans] == [KEYED_RECORDED] * 3


async def test_nor_those_of_front_ends_and_of_routes_that_come_later(collector: Collector, tmp_path: Path) -> None:
    app = App(middleware=[collector.layer()])
    guards = [Security(APIKeyQuery(name="front_key"))]
    await run_in_threadpool((tmp_path / "index.html").write_text, "front")
    await run_in_threadpool(app.frontend, "/front", tmp_path, dependencies=guards)
    await call(app, query_string=b"front_key=1&later_key=2")

    @app.get("/later", dependencies=[Security(APIKeyQuery(name="later_key"))])
    async def later() -> int:
        return 1

    await call(app, query_string=b"front_key=1&later_key=2")
    queries = [span.attributes["url.query"] for span in collector.spans]
    assert queries == ["front_key=REDACTED&later_key=2", "front_key=REDACTED&later_key=REDACTED"]


@pytest.mark.parametrize(
    ("declared", "recorded"),
    [
        ({"http_version": "2.0", "scheme": "HTTPS"}, ("2", "https")),
        ({"http_version": "3"}, ("3", "http")),
        ({"http_version": "7.3; x", "scheme": "javascript"}, (None, "_OTHER")),
        ({"http_version": "", "scheme": ""}, (None, "_OTHER")),
        ({"http_version": None}, (None, "http")),
    ],
)
async def test_versions_and_schemes_are_those_of_http_alone(collector: Collector, declared: Any, recorded: Any) -> None:
    await call(app_of(collector), "/items/3", **declared)
    [point] = collector.points
    for attributes in (collector.span.attributes, point.attributes):
        assert (attributes.get("network.protocol.version"), attributes["url.scheme"]) == recorded


async def test_without_an_sdk_it_does_nothing() -> None:
    app = Application(routes=[Route("/", hello)], middleware=[Middleware(OpenTelemetryMiddleware)])
    assert (await call(app)).text == "hello"


async def test_it_survives_what_a_client_can_send(collector: Collector) -> None:
    fields = [(b"host", b"\xff@["), (b"traceparent", b"\xff" * 99), (b"user-agent", b"\xff")]
    response = await call(app_of(collector), "/items/3", query_string=b"\xff=%", headers=fields)
    assert (response.status, collector.span.name) == (200, "GET /items/{id}")


def test_the_module_can_be_imported_where_the_library_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    name = door.__name__
    for module in [one for one in sys.modules if one.partition(".")[0] == "opentelemetry"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, name)
    import signette.middleware.opentelemetry as without

    with pytest.raises(ImportError, match=r"`pip install 'signette\[opentelemetry\]'`"):
        without.OpenTelemetryMiddleware(hello)
    monkeypatch.setattr(sys.modules["signette.middleware"], "opentelemetry", door)

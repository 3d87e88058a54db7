"""Traces by OpenTelemetry's instrumentation of FastAPI, and by its ASGI middleware."""

from typing import Any

from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from signette import App
from tests.interop.serving import served


class Traces:
    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))

    @property
    def servers(self) -> list[ReadableSpan]:
        return [span for span in self.exporter.get_finished_spans() if span.kind is SpanKind.SERVER]


def app_of() -> App:
    app = App()

    @app.get("/items/{n}")
    async def item(n: int) -> int:
        if n == 0:
            raise LookupError("nothing there")
        return n

    return app


def test_spans_are_named_by_their_routes() -> None:
    traces, app = Traces(), app_of()
    FastAPIInstrumentor.instrument_app(app, tracer_provider=traces.provider)
    with served(app) as client:
        for path in ("/items/3", "/nowhere", "/items/0"):
            client.get(path)
    assert [span.name for span in traces.servers] == ["GET /items/{n}", "GET", "GET /items/{n}"]
    attributes: Any = traces.servers[0].attributes
    assert attributes["http.route"] == "/items/{n}"
    failed = traces.servers[2]
    assert [event.name for event in failed.events] == ["exception"]
    assert failed.status.is_ok is False


def test_the_middleware_makes_spans_named_by_paths() -> None:
    traces, app = Traces(), app_of()
    app.add_middleware(OpenTelemetryMiddleware, tracer_provider=traces.provider)
    with served(app) as client:
        client.get("/items/3")
    assert [span.name for span in traces.servers] == ["GET /items/3"]

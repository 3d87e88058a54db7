"""Metrics by prometheus-fastapi-instrumentator, labelled by route."""

from prometheus_client import CollectorRegistry
from prometheus_fastapi_instrumentator import Instrumentator

from signette import App
from tests.interop.serving import served


def test_requests_are_counted_by_route_and_metrics_exposed() -> None:
    app = App()

    @app.get("/items/{n}")
    async def item(n: int) -> int:
        return n

    @app.get("/fails")
    async def fails() -> int:
        raise LookupError

    Instrumentator(registry=CollectorRegistry()).instrument(app).expose(app, include_in_schema=False)
    with served(app) as client:
        for path in ("/items/1", "/items/2", "/items/x", "/nowhere", "/fails"):
            client.get(path)
        metrics = client.get("/metrics").text
    for handler, status, count in (
        ("/items/{n}", "2xx", 2),
        ("/items/{n}", "4xx", 1),
        ("none", "4xx", 1),
        ("/fails", "5xx", 1),
    ):
        assert f'http_requests_total{{handler="{handler}",method="GET",status="{status}"}} {count}.0' in metrics
    assert "/metrics" not in app.openapi()["paths"]

"""The metrics of prometheus-client as a mounted application."""

from prometheus_client import CollectorRegistry, Counter, make_asgi_app

from signette import App
from tests.interop.serving import served


def test_its_application_is_mounted() -> None:
    registry = CollectorRegistry()
    hits = Counter("hits", "How often", registry=registry)
    app = App()
    app.mount("/metrics", make_asgi_app(registry))

    @app.get("/")
    async def home() -> None:
        hits.inc()

    with served(app) as client:
        assert client.get("/").status_code == 204
        metrics = client.get("/metrics/")
    assert "hits_total 1.0" in metrics.text
    assert metrics.headers["content-type"].startswith("text/plain")

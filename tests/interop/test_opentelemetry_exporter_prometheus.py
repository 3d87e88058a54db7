"""The block of docs/how-to/deployment.md on metrics, unchanged."""

from pathlib import Path

from tests.docs.blocks import blocks_of
from tests.docs.pages import ROOT
from tests.interop.serving import served


def test_the_metrics_of_the_page_have_each_route() -> None:
    page = ROOT / "docs/how-to/deployment.md"
    (block,) = [
        each for each in blocks_of(Path(page), page.read_text("utf-8")) if "PrometheusMetricReader" in each.text
    ]
    names: dict[str, object] = {}
    exec(compile(block.text, str(page), "exec"), names)
    app = names["app"]

    @app.get("/items/{item_id}")  # type: ignore[attr-defined,untyped-decorator]
    async def read_item(item_id: int) -> int:
        return item_id

    with served(app) as client:
        assert client.get("/items/3").json() == 3
        assert client.get("/livez").status_code == 200
        metrics = client.get("/metrics/").text
    (count,) = [line for line in metrics.splitlines() if line.startswith("http_server_request_duration_seconds_count")]
    for label in ('http_request_method="GET"', 'http_route="/items/{item_id}"', 'http_response_status_code="200"'):
        assert label in count
    assert count.endswith(" 1.0")

"""Errors and transactions by sentry-sdk, its ASGI middleware around the application."""

from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.integrations.asgi import SentryAsgiMiddleware
from sentry_sdk.transport import Transport

from signette import App, HTTPException
from tests.interop.serving import served

sent: list[tuple[str, Any]] = []


class Kept(Transport):
    def capture_envelope(self, envelope: Envelope) -> None:
        sent.extend((str(item.type), item.payload.json) for item in envelope.items)


@pytest.fixture(autouse=True)
def sentry() -> Iterator[None]:
    sent.clear()
    with sentry_sdk.isolation_scope():
        sentry_sdk.init(
            dsn="http://key@localhost/1",
            transport=Kept,
            traces_sample_rate=1.0,
            default_integrations=False,
            auto_enabling_integrations=False,
        )
        yield
        sentry_sdk.init()


@pytest.mark.parametrize(
    ("style", "suffix", "source"), [("endpoint", ".item", "component"), ("url", "/items/{n}", "route")]
)
@pytest.mark.parametrize("place", ["around", "inside"])
def test_transactions_and_errors_are_named_by_the_route(style: str, suffix: str, source: str, place: str) -> None:
    app = App()

    @app.get("/items/{n}")
    async def item(n: int) -> int:
        if n == 0:
            raise LookupError("nothing there")
        if n == 1:
            raise HTTPException(409)
        return n

    served_app: Any = app
    if place == "around":
        served_app = SentryAsgiMiddleware(app, transaction_style=style)
    else:
        app.add_middleware(SentryAsgiMiddleware, transaction_style=style)
    with served(served_app) as client:
        assert [client.get(f"/items/{n}").status_code for n in (2, 0, 1)] == [200, 500, 409]
    transactions = [event for kind, event in sent if kind == "transaction"]
    assert len(transactions) == 3
    assert all(event["transaction"].endswith(suffix) for event in transactions)
    assert {event["transaction_info"]["source"] for event in transactions} == {source}
    errors = [event for kind, event in sent if kind == "event"]
    assert [event["exception"]["values"][-1]["type"] for event in errors] == ["LookupError"]
    assert errors[0]["transaction"].endswith(suffix)

"""Request ids by asgi-correlation-id."""

from asgi_correlation_id import CorrelationIdMiddleware, correlation_id

from signette import App, Middleware
from tests.interop.serving import served


def test_each_request_has_its_id() -> None:
    app = App(middleware=[Middleware(CorrelationIdMiddleware)])

    @app.get("/")
    async def home() -> str:
        return correlation_id.get() or ""

    @app.get("/sync")
    def in_thread() -> str:
        return correlation_id.get() or ""

    with served(app) as client:
        for path in ("/", "/sync"):
            response = client.get(path, headers={"x-request-id": "a" * 32})
            assert (response.text, response.headers["x-request-id"]) == ("a" * 32, "a" * 32)
            assert client.get(path).text != client.get(path).text

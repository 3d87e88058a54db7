"""A context for each request by starlette-context."""

from typing import Any

import pytest
from starlette_context import context, plugins
from starlette_context.middleware import ContextMiddleware, RawContextMiddleware

from signette import App, Middleware
from tests.interop.serving import served


@pytest.mark.parametrize("middleware", [RawContextMiddleware, ContextMiddleware])
def test_endpoints_and_dependencies_read_it(middleware: Any) -> None:
    app = App(middleware=[Middleware(middleware, plugins=(plugins.RequestIdPlugin(),))])

    @app.get("/")
    async def home() -> dict[str, str]:
        context["seen"] = "yes"
        return dict(context.data)

    with served(app) as client:
        response = client.get("/", headers={"x-request-id": "a" * 32})
    assert response.json() == {"X-Request-ID": "a" * 32, "seen": "yes"}
    assert response.headers["x-request-id"] == "a" * 32

"""Rate limits by slowapi: its two middleware, and its decorator on a typed endpoint."""

from typing import Any

import pytest
import starlette.requests
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from slowapi.middleware import SlowAPIASGIMiddleware, SlowAPIMiddleware
from slowapi.util import get_remote_address

from signette import App, Request
from tests.interop.serving import served


def app_with(limiter: Limiter) -> App:
    app = App()
    app.state.limiter = limiter
    app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)
    return app


@pytest.mark.parametrize("middleware", [SlowAPIMiddleware, SlowAPIASGIMiddleware])
def test_its_middleware_limits_each_route(middleware: Any) -> None:
    limiter = Limiter(key_func=get_remote_address, default_limits=["1/minute"])
    app = app_with(limiter)
    app.add_middleware(middleware)

    @app.get("/items/{n}")
    async def item(n: int) -> int:
        return n

    @app.get("/free")
    @limiter.exempt
    async def free() -> int:
        return 1

    with served(app) as client:
        assert [client.get(f"/items/{n}").status_code for n in (1, 1)] == [200, 429]
        assert [client.get("/free").status_code for _ in range(2)] == [200, 200]


def test_its_decorator_limits_a_typed_endpoint() -> None:
    limiter = Limiter(key_func=get_remote_address, headers_enabled=True)
    app = app_with(limiter)

    @app.get("/items/{n}")
    @limiter.limit("2/minute")
    async def item(n: int, request: starlette.requests.Request, response: starlette.responses.Response) -> int:
        return n

    @app.get("/own")
    @limiter.limit("2/minute")
    async def own(request: Request) -> int:
        return 1

    with served(app) as client:
        responses = [client.get("/items/1") for _ in range(3)]
        assert [each.status_code for each in responses] == [200, 200, 429]
        assert [each.headers["x-ratelimit-remaining"] for each in responses] == ["1", "0", "0"]
        assert responses[2].json() == {"error": "Rate limit exceeded: 2 per 1 minute"}
        assert client.get("/own").status_code == 500  # it asks for an instance of Starlette's class

"""Cached results by fastapi-cache2."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi_cache import FastAPICache
from fastapi_cache.backends.inmemory import InMemoryBackend
from fastapi_cache.decorator import cache

from signette import App
from tests.interop.serving import served


def test_its_decorator_caches_a_typed_endpoint() -> None:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        FastAPICache.init(InMemoryBackend())
        yield

    app, calls = App(lifespan=lifespan), []

    @app.get("/items/{n}")
    @cache(expire=60)
    async def item(n: int) -> dict[str, int]:
        calls.append(n)
        return {"n": n}

    with served(app) as client:
        responses = [client.get(f"/items/{n}") for n in (1, 1, 2)]
        again = client.get("/items/1", headers={"if-none-match": responses[0].headers["etag"]})
    assert [each.json() for each in responses] == [{"n": 1}, {"n": 1}, {"n": 2}]
    assert [each.headers["x-fastapi-cache"] for each in responses] == ["MISS", "HIT", "MISS"]
    assert responses[0].headers["cache-control"] == "max-age=60"
    assert (calls, again.status_code) == ([1, 2], 304)

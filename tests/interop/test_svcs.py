"""A registry of services by svcs, with its integrations for FastAPI and Starlette."""

from collections.abc import AsyncIterator
from typing import Any

import svcs
import svcs.fastapi
import svcs.starlette

from signette import App, Request
from tests.interop.serving import served


class Database: ...


def test_its_container_is_a_dependency() -> None:
    @svcs.fastapi.lifespan
    async def lifespan(app: Any, registry: svcs.Registry) -> AsyncIterator[None]:
        registry.register_factory(Database, Database)
        yield

    app = App(lifespan=lifespan)

    @app.get("/")
    async def home(services: svcs.fastapi.DepContainer) -> str:
        return type(await services.aget(Database)).__name__

    with served(app) as client:
        assert client.get("/").text == "Database"


def test_its_middleware_gives_each_request_a_container() -> None:
    @svcs.starlette.lifespan
    async def lifespan(app: Any, registry: svcs.Registry) -> AsyncIterator[None]:
        registry.register_factory(Database, Database)
        yield

    app = App(lifespan=lifespan)
    app.add_middleware(svcs.starlette.SVCSMiddleware)

    @app.get("/")
    async def home(request: Request) -> str:
        return type(await svcs.starlette.aget(request, Database)).__name__

    with served(app) as client:
        assert client.get("/").text == "Database"

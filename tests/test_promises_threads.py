"""One application in many event loops and threads at the same time: each gets the responses to its requests."""

import asyncio
import json
import threading
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from signette import App, Depends, Query, Request
from signette.applications import Application
from signette.middleware import Middleware
from signette.middleware.base import BaseHTTPMiddleware
from signette.responses import JSONResponse
from signette.routing import Mount, Route, Router
from tests.asgi import JSON, call

pytestmark = pytest.mark.thorough

THREADS, ROUNDS = 8, 20


class Item(BaseModel):
    name: str
    number: int


def typed_app() -> App:
    app = App()

    async def doubled(n: int) -> int:
        return 2 * n

    @app.get("/items/{n}")
    async def item(n: int, double: Annotated[int, Depends(doubled)], q: Annotated[str, Query()] = "") -> Item:
        return Item(name=q, number=double)

    @app.get("/sync/{n}")
    def sync(n: int) -> int:
        return n

    @app.post("/items")
    async def create(item: Item) -> Item:
        return item

    return app


class Passing(BaseHTTPMiddleware):
    """Middleware, created at the first request."""

    async def dispatch(self, request: Request, call_next: Any) -> Any:
        return await call_next(request)


def plain_app() -> Application:
    async def item(request: Request) -> JSONResponse:
        return JSONResponse({"name": request.query_params["q"], "number": 2 * request.path_params["n"]})

    def sync(request: Request) -> JSONResponse:
        return JSONResponse(request.path_params["n"])

    async def create(request: Request) -> JSONResponse:
        return JSONResponse(await request.json())

    below = Router([Route("/{n:int}", sync)])
    routes = [Route("/items/{n:int}", item), Mount("/sync", below), Route("/items", create, methods=["POST"])]
    return Application(routes=routes, middleware=[Middleware(Passing)])


async def ask(app: Any, method: str, path: str, query: bytes = b"", body: bytes = b"") -> tuple[int, Any]:
    response = await call(app, path, method, headers=JSON if body else {}, body=body, query_string=query)
    return response.status, response.json


async def rounds(app: Any, thread: int) -> None:
    for number in range(thread * 1000, thread * 1000 + ROUNDS):
        item = {"name": str(thread), "number": 2 * number}
        assert await ask(app, "GET", f"/items/{number}", b"q=%d" % thread) == (200, item)
        assert await ask(app, "GET", f"/sync/{number}") == (200, number)
        assert await ask(app, "POST", "/items", body=json.dumps(item).encode()) == (200, item)


def shared(app: Any) -> None:
    failures: list[BaseException] = []
    ready = threading.Barrier(THREADS)

    def work(thread: int) -> None:
        ready.wait()
        try:
            asyncio.run(rounds(app, thread))
        except BaseException as exc:  # noqa: BLE001 - raised in the thread of the test
            failures.append(exc)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_a_typed_application_is_shared_between_threads() -> None:
    for _ in range(3):
        shared(typed_app())


def test_a_plain_application_is_shared_between_threads() -> None:
    for _ in range(3):
        shared(plain_app())

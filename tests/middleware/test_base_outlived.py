"""What a request starts may outlive it, and does not keep it: tasks, and generators of the application."""

import gc
import weakref
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from typing import Annotated, Any

import anyio
import pytest

from signette.app import App
from signette.background import BackgroundTasks
from signette.declarative.routing.router import Router
from signette.declarative.signature.depends import Depends
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.registry import Middleware
from signette.requests import Request
from tests.asgi import scope_of

current: ContextVar[Any] = ContextVar("current", default=None)


class Freed(dict[str, Any]):
    """A scope or a message that a weak reference can watch."""


async def sends(app: Any) -> list[weakref.ref[Any]]:
    message: Any = Freed(type="http.request", body=b"body", more_body=False)
    scope: Any = Freed(scope_of("/", "POST"))

    async def receive() -> Any:
        return message

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] < 300

    await app(scope, receive, send)
    return [weakref.ref(message), weakref.ref(scope)]


async def alive(references: list[weakref.ref[Any]]) -> int:
    for _ in range(3):
        await anyio.lowlevel.checkpoint()
        gc.collect()
    return sum(reference() is not None for reference in references)


@pytest.mark.parametrize("middleware", [1, 2])
@pytest.mark.parametrize("by", ["endpoint", "background"])
async def test_a_task_that_a_request_starts_does_not_keep_the_request(by: str, middleware: int) -> None:
    requests: list[weakref.ref[Any]] = []

    async def dispatch(request: Any, call_next: Any) -> Any:
        requests.append(weakref.ref(request))
        await request.body()
        return await call_next(request)

    app = App(middleware=[Middleware(BaseHTTPMiddleware, dispatch=dispatch)] * middleware)
    async with anyio.create_task_group() as tasks:

        async def start() -> None:
            tasks.start_soon(anyio.sleep_forever)

        @app.post("/")
        async def endpoint(background: BackgroundTasks) -> int:
            if by == "background":
                background.add_task(start)
            else:
                await start()
            return 1

        references = await sends(app)
        assert len(requests) == middleware
        assert await alive(references + requests) == 0
        tasks.cancel_scope.cancel()


async def pool() -> AsyncIterator[str]:
    yield "pool"


def pool_in_thread() -> Iterator[str]:
    yield "pool"


@pytest.mark.parametrize("dependency", [pool, pool_in_thread])
@pytest.mark.parametrize("middleware", [0, 1])
async def test_a_generator_of_the_application_does_not_keep_the_request_that_made_it(
    dependency: Any, middleware: int
) -> None:
    requests: list[weakref.ref[Any]] = []
    app = App()

    class Current:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            token = current.set(Request(scope, receive))
            requests.append(weakref.ref(current.get()))
            await self.app(scope, receive, send)
            current.reset(token)
            del token  # it has the context, with the request, also when it was reset

    async def dispatch(request: Any, call_next: Any) -> Any:
        await request.body()
        requests.append(weakref.ref(request))
        return await call_next(request)

    for _ in range(middleware):
        app.add_middleware(BaseHTTPMiddleware, dispatch=dispatch)
    app.add_middleware(Current)  # the outermost, as `current` is set in the task of the test
    router = Router()

    @router.post("/")
    async def endpoint(pool: Annotated[str, Depends(dependency, scope="app")]) -> str:
        return pool

    async with app.router.lifespan_context(app):
        app.include_router(router)  # after the start, so that the request makes the generator
        references = await sends(app)
        assert len(requests) == middleware + 1
        assert await alive(requests + references) == 0


async def test_a_generator_of_the_application_has_the_context_of_the_lifespan() -> None:
    seen: list[str] = []
    app = App()

    async def noting() -> AsyncIterator[str]:
        seen.append(str(current.get()))
        yield "noted"

    async def dispatch(request: Any, call_next: Any) -> Any:
        current.set("request")
        return await call_next(request)

    app.add_middleware(BaseHTTPMiddleware, dispatch=dispatch)
    router = Router()

    @router.post("/")
    async def endpoint(noted: Annotated[str, Depends(noting, scope="app")]) -> str:
        return noted

    async with app.router.lifespan_context(app):
        app.include_router(router)
        await sends(app)
    assert seen == ["None"]


async def test_a_request_that_is_cancelled_while_it_opens_a_generator_ends_it_and_the_next_opens_it() -> None:
    log: list[str] = []
    entered = anyio.Event()

    async def slow() -> AsyncIterator[str]:
        try:
            entered.set()
            if log == []:
                await anyio.sleep_forever()
            yield "slow"
        finally:
            log.append("closed")

    app, router = App(), Router()

    @router.post("/")
    async def endpoint(value: Annotated[str, Depends(slow, scope="app")]) -> str:
        return value

    async with app.router.lifespan_context(app):
        app.include_router(router)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(sends, app)
            await entered.wait()
            tasks.cancel_scope.cancel()
        assert log == ["closed"]
        await sends(app)
    assert log == ["closed", "closed"]


async def test_what_a_generator_of_the_application_raises_at_a_request_is_raised_there_and_the_next_tries_again() -> (
    None
):
    failures = [ValueError("no pool")]

    async def fragile() -> AsyncIterator[str]:
        if failures:
            raise failures.pop()
        yield "pool"

    app, router = App(), Router()

    @router.post("/")
    async def endpoint(value: Annotated[str, Depends(fragile, scope="app")]) -> str:
        return value

    async with app.router.lifespan_context(app):
        app.include_router(router)
        with pytest.raises((ValueError, AssertionError)):
            await sends(app)
        await sends(app)

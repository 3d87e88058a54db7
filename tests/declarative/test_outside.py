"""`app.scope()`: functions with dependencies called outside of requests."""

import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import anyio
import pytest

from signette.app import App
from signette.declarative.binding.runtime import SwallowedException
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Query
from signette.requests import Request
from tests.asgi import fetch
from tests.timeouts import SECONDS


class Seen(list[str]):
    def generator(self, name: str) -> Any:
        async def generator() -> AsyncIterator[str]:
            self.append(f"enter {name}")
            try:
                yield name
            except KeyError:
                self.append(f"{name} saw it")
                raise
            finally:
                self.append(f"leave {name}")

        return generator


async def test_its_dependencies_are_called_and_what_they_have_open_is_closed_with_the_block() -> None:
    seen = Seen()
    app = App()

    async def job(
        size: int,
        session: Annotated[str, Depends(seen.generator("session"))],
        turn: Annotated[str, Depends(seen.generator("turn"), scope="function", max_concurrency=1)],
        limit: int = 3,
    ) -> list[Any]:
        seen.append("job")
        return [size, session, turn, limit]

    async with app.scope() as scope:
        assert await scope.call(job, size=7) == [7, "session", "turn", 3]
        assert seen == ["enter session", "enter turn", "job", "leave turn"]
        with anyio.fail_after(SECONDS):
            assert await scope.call(job, size=8, limit=9) == [8, "session", "turn", 9]
    assert seen[-2:] == ["leave session", "leave session"]


async def test_what_the_application_keeps_is_the_same_as_at_requests() -> None:
    made: list[int] = []

    def pool() -> list[int]:
        made.append(1)
        return made

    def job(pool: Annotated[list[int], Depends(pool, scope="app")]) -> int:
        return threading.get_ident() if pool is made else 0

    app = App(dependencies=[Depends(pool, scope="app")])
    app.get("/")(job)
    async with app.router.lifespan_context(app), app.scope() as scope:
        assert await scope.call(job) not in (0, threading.get_ident())
    assert made == [1]


async def test_a_lifespan_may_call_and_what_it_made_is_the_requests_too() -> None:
    seen = Seen()
    pool = seen.generator("pool")

    async def job(pool: Annotated[str, Depends(pool, scope="app")]) -> str:
        seen.append("job")
        return pool

    @contextlib.asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        async with app.scope() as scope:
            await scope.call(job)
        yield
        seen.append("stop")

    app = App(lifespan=lifespan)
    app.get("/")(job)
    for _ in range(2):
        async with app.router.lifespan_context(app):
            await fetch(app, "GET /")
        assert seen == ["enter pool", "job", "job", "leave pool", "stop"]
        seen.clear()


async def test_overrides_count() -> None:
    def real() -> str:
        return "real"

    async def job(said: Annotated[str, Depends(real)]) -> str:
        return said

    app = App()
    with app.override(real, lambda: "fake"):
        async with app.scope() as scope:
            assert await scope.call(job) == "fake"


async def test_an_exception_is_thrown_into_what_is_open() -> None:
    seen = Seen()

    async def job(a: Annotated[str, Depends(seen.generator("a"))]) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        async with App().scope() as scope:
            await scope.call(job)
    assert seen == ["enter a", "a saw it", "leave a"]


async def test_one_that_swallows_it_is_reported() -> None:
    def swallows() -> Iterator[None]:
        with contextlib.suppress(KeyError):
            yield

    async def job(a: Annotated[None, Depends(swallows, scope="function")]) -> None:
        raise KeyError

    with pytest.raises(SwallowedException):
        async with App().scope() as scope:
            await scope.call(job)


async def test_slots_of_functions_are_released_at_once_and_results_may_be_anything() -> None:
    async def one() -> int:
        return 1

    async def job(a: Annotated[int, Depends(one, max_concurrency=1)], lock: threading.Event) -> threading.Event:
        return lock

    lock = threading.Event()
    async with App().scope() as scope:
        with anyio.fail_after(SECONDS):
            assert [await scope.call(job, lock=lock), await scope.call(job, lock=lock)] == [lock, lock]


async def _request(request: Request) -> None: ...
async def _marked(q: Annotated[int, Query()] = 3) -> None: ...
async def _deep(a: Annotated[None, Depends(_marked)]) -> None: ...


@pytest.mark.parametrize("job", [_request, _marked, _deep])
async def test_nothing_of_a_request_is_there(job: Any) -> None:
    async with App().scope() as scope:
        with pytest.raises(SignatureError, match="called without a request"):
            await scope.call(job)

"""Context variables: what is set in a worker thread is there for all who come after, and can be reset at the end."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import Annotated, Any

import pytest

from signette.app import App
from signette.background import BackgroundTasks
from signette.declarative.signature.marker_functions import Depends
from signette.exceptions import HTTPException
from signette.responses import StreamingResponse
from tests.asgi import fetch

user: ContextVar[str] = ContextVar("user", default="nobody")
unset: ContextVar[str] = ContextVar("unset")


def in_function() -> None:
    user.set("ann")
    unset.set("set")


async def in_async_function() -> None:
    in_function()


def in_generator() -> Iterator[None]:
    tokens = user.set("ann"), unset.set("set")
    try:
        yield
    finally:
        user.reset(tokens[0])
        unset.reset(tokens[1])


async def in_async_generator() -> AsyncIterator[None]:
    with contextmanager(in_generator)():
        yield


class Setting:
    """Sets it in the way that a custom subclass does."""

    def __call__(self) -> None:
        in_function()


SETTERS: dict[str, Callable[..., Any]] = {
    "function": in_function,
    "async function": in_async_function,
    "generator": in_generator,
    "async generator": in_async_generator,
    "context manager": contextmanager(in_generator),
    "object": Setting(),
}
every_setter = pytest.mark.parametrize("set_it", SETTERS.values(), ids=SETTERS)
every_scope = pytest.mark.parametrize("scope", ["request", "function"])
EXPECTED = ("ann", "set")


def seen() -> tuple[str, str]:
    return user.get(), unset.get("unset")


@every_setter
@every_scope
@pytest.mark.parametrize("is_sync", [True, False])
async def test_endpoints_and_dependencies_see_what_was_set_before_them(set_it: Any, scope: Any, is_sync: bool) -> None:
    app = App()

    async def on_loop() -> tuple[str, str]:
        return seen()

    def in_thread(a: Annotated[Any, Depends(seen)], b: Annotated[Any, Depends(on_loop)]) -> list[Any]:
        return [a, b, seen()]

    async def endpoint(a: Annotated[Any, Depends(seen)], b: Annotated[Any, Depends(on_loop)]) -> list[Any]:
        return [a, b, seen()]

    app.get("/", dependencies=[Depends(set_it, scope=scope)])(in_thread if is_sync else endpoint)
    assert (await fetch(app, "GET /")).json == [list(EXPECTED)] * 3


@every_setter
@pytest.mark.parametrize("outcome", ["returns", "raises"])
async def test_what_is_closed_sees_it_too(set_it: Any, outcome: str) -> None:
    app, log = App(), []

    def closing() -> Iterator[None]:
        try:
            yield
        finally:
            log.append(seen())

    async def closing_on_loop() -> AsyncIterator[None]:
        try:
            yield
        finally:
            log.append(seen())

    @app.get("/", dependencies=[Depends(set_it), Depends(closing), Depends(closing_on_loop)])
    async def endpoint() -> None:
        if outcome == "raises":
            raise HTTPException(409)

    await fetch(app, "GET /")
    assert log == [EXPECTED, EXPECTED]


@pytest.mark.parametrize("is_sync", [True, False])
async def test_what_the_endpoint_sets_is_seen_by_those_who_close(is_sync: bool) -> None:
    app, log = App(), []

    def closing() -> Iterator[None]:
        yield
        log.append(seen())

    async def closing_on_loop() -> AsyncIterator[None]:
        yield
        log.append(seen())

    async def on_loop() -> None:
        in_function()

    endpoint = in_function if is_sync else on_loop
    app.get("/", dependencies=[Depends(closing), Depends(closing_on_loop)])(endpoint)
    await fetch(app, "GET /")
    assert log == [EXPECTED, EXPECTED]


@pytest.mark.parametrize("set_it", [in_generator, in_async_generator, contextmanager(in_generator)])
@every_scope
@pytest.mark.parametrize("changes_it", [True, False])
async def test_a_generator_resets_what_it_has_set(set_it: Any, scope: Any, changes_it: bool) -> None:
    app, log = App(), []

    def around() -> Iterator[None]:
        yield
        log.append(seen())

    async def around_on_loop() -> AsyncIterator[None]:
        yield
        log.append(seen())

    guards = [Depends(around), Depends(around_on_loop), Depends(set_it, scope=scope)]

    @app.get("/", dependencies=guards)
    async def endpoint() -> None:
        if changes_it:
            user.set("bob")
            unset.set("again")

    before = copy_context()
    await fetch(app, "GET /")
    assert log == [("nobody", "unset")] * 2
    assert seen() == ("nobody", "unset")
    assert copy_context().get(unset) == before.get(unset)


async def test_resetting_a_variable_restores_the_earlier_value() -> None:
    app = App()

    def first() -> None:
        user.set("first")

    def last() -> str:
        return user.get()

    @app.get("/")
    async def endpoint(
        a: Annotated[None, Depends(first)],
        b: Annotated[None, Depends(in_generator, scope="function")],
        tasks: BackgroundTasks,
    ) -> str:
        tasks.add_task(lambda: log.append(user.get()))
        return user.get()

    log: list[str] = []
    assert (await fetch(app, "GET /")).body == b"ann"
    assert log == ["first"]


@every_setter
async def test_streams_and_background_tasks_see_it(set_it: Any) -> None:
    app, log = App(), []

    @app.get("/sync", dependencies=[Depends(set_it)])
    def pieces(tasks: BackgroundTasks) -> Iterator[str]:
        tasks.add_task(lambda: log.append(seen()))
        yield user.get()

    @app.get("/async", dependencies=[Depends(set_it)])
    async def chunks_on_loop() -> AsyncIterator[str]:
        yield user.get()

    assert b"ann" in (await fetch(app, "GET /sync")).body
    assert b"ann" in (await fetch(app, "GET /async")).body
    assert log == [EXPECTED]


async def test_what_a_failing_one_has_set_is_seen_by_those_who_close() -> None:
    app, log = App(), []

    def closing() -> Iterator[None]:
        try:
            yield
        finally:
            log.append(seen())

    def fails() -> None:
        in_function()
        raise HTTPException(403)

    @app.get("/", dependencies=[Depends(closing), Depends(fails)])
    async def endpoint() -> None: ...

    assert (await fetch(app, "GET /")).status == 403
    assert log == [EXPECTED]


async def test_requests_do_not_see_each_others() -> None:
    app = App()

    @app.get("/set", dependencies=[Depends(in_generator)])
    async def sets() -> str:
        return user.get()

    @app.get("/")
    def reads() -> str:
        return user.get()

    assert [(await fetch(app, path)).body for path in ("GET /set", "GET /")] == [b"ann", b"nobody"]


async def test_calls_outside_of_requests_see_it_too() -> None:
    async def job(a: Annotated[None, Depends(in_generator)]) -> tuple[str, str]:
        return seen()

    async with App().scope() as scope:
        assert await scope.call(job) == EXPECTED
    assert seen() == ("nobody", "unset")


async def test_a_sync_stream_has_one_context_from_its_first_chunk_to_its_end() -> None:
    """It takes more than one visit to a thread, each with a copy of the caller's context."""
    log: list[tuple[str, str]] = []

    def chunks() -> Iterator[str]:
        with contextmanager(in_generator)():
            for _ in range(200):
                yield user.get()
            log.append(seen())
        log.append(seen())

    app = App()

    @app.get("/")
    async def endpoint() -> StreamingResponse:
        return StreamingResponse(chunks())

    assert (await fetch(app, "GET /")).body == b"ann" * 200
    assert log == [EXPECTED, ("nobody", "unset")]

"""Cancel scopes and task groups around the `yield` of a dependency, in all lifetimes."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import anyio
import anyio.abc
import pytest

from signette import App, Depends, HTTPException, Router, WebSocket
from signette.declarative.binding.runtime import SwallowedException
from signette.responses import StreamingResponse
from signette.testclient import TestClient
from tests.asgi import JSON, VERSIONS, exchange, fetch, scope_of

LONG = 3600.0
Dependency = Callable[[], AsyncIterator[Any]]


async def with_fail_after() -> AsyncIterator[str]:
    with anyio.fail_after(LONG):
        yield "fail_after"
        await anyio.lowlevel.checkpoint()


async def with_move_on_after() -> AsyncIterator[str]:
    with anyio.move_on_after(LONG):
        yield "move_on_after"
    await anyio.lowlevel.checkpoint()


async def with_shielded_scope() -> AsyncIterator[str]:
    with anyio.CancelScope(shield=True):
        yield "shielded"


async def with_task_group() -> AsyncIterator[str]:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.sleep, LONG)
        yield "task_group"
        tasks.cancel_scope.cancel()


async def with_several() -> AsyncIterator[str]:
    with anyio.fail_after(LONG):
        async with anyio.create_task_group(), anyio.create_task_group():
            with anyio.move_on_after(LONG):
                yield "several"


async def without_scope() -> AsyncIterator[str]:
    yield "plain"


def in_thread() -> Iterator[str]:
    yield "thread"


SCOPES: list[Dependency] = [with_fail_after, with_move_on_after, with_shielded_scope, with_task_group, with_several]
each_scope = pytest.mark.parametrize("dependency", SCOPES, ids=lambda each: each.__name__)
each_lifetime = pytest.mark.parametrize("lifetime", ["request", "function"])


def app_with(dependency: Any, lifetime: Any, handler: Callable[[str], Awaitable[Any]] | None = None) -> App:
    app = App()

    @app.get("/")
    async def endpoint(value: Annotated[Any, Depends(dependency, scope=lifetime)]) -> str:
        return str(value) if handler is None else await handler(value)

    return app


@each_scope
@each_lifetime
async def test_a_scope_around_the_yield_is_left(dependency: Dependency, lifetime: str) -> None:
    response = await fetch(app_with(dependency, lifetime), "GET /")
    assert (response.status, response.text) == (200, dependency.__name__.removeprefix("with_").replace("_scope", ""))


@each_scope
@each_lifetime
async def test_an_error_of_the_endpoint_keeps_its_status(dependency: Dependency, lifetime: str) -> None:
    async def handler(value: str) -> None:
        raise HTTPException(418, value)

    assert (await fetch(app_with(dependency, lifetime, handler), "GET /")).status == 418


@each_lifetime
async def test_an_error_of_a_task_is_raised_as_a_group(lifetime: str) -> None:
    started = anyio.Event()

    async def fail() -> None:
        await started.wait()
        raise LookupError

    async def dependency() -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(fail)
            yield

    async def handler(_: Any) -> None:
        started.set()
        await anyio.sleep(LONG)

    with pytest.raises(ExceptionGroup) as raised:
        await fetch(app_with(dependency, lifetime, handler), "GET /")
    assert [type(each) for each in raised.value.exceptions] == [LookupError]


@each_lifetime
async def test_a_timeout_ends_the_endpoint(lifetime: str) -> None:
    async def dependency() -> AsyncIterator[None]:
        with anyio.fail_after(0):
            yield

    async def handler(_: Any) -> None:
        await anyio.sleep(LONG)

    app = app_with(dependency, lifetime, handler)
    app.add_exception_handler(TimeoutError, lambda request, exc: StreamingResponse(["late"], 504))
    assert (await fetch(app, "GET /")).status == 504


@each_lifetime
async def test_moving_on_has_no_response(lifetime: str) -> None:
    async def dependency() -> AsyncIterator[None]:
        with anyio.move_on_after(0):
            yield

    async def handler(_: Any) -> None:
        await anyio.sleep(LONG)

    with pytest.raises(SwallowedException):
        await fetch(app_with(dependency, lifetime, handler), "GET /")


MIXES = list(itertools.permutations([with_fail_after, with_task_group, without_scope, in_thread], 3))


@pytest.mark.parametrize("mix", MIXES, ids=lambda mix: "-".join(each.__name__ for each in mix))
@pytest.mark.parametrize("lifetimes", list(itertools.product(["request", "function"], repeat=3)), ids="-".join)
@pytest.mark.either_loop
async def test_scopes_are_nested_in_any_order_of_lifetimes(mix: tuple[Any, ...], lifetimes: tuple[Any, ...]) -> None:
    app = App()
    first, second, third = (Depends(each, scope=scope) for each, scope in zip(mix, lifetimes, strict=True))

    @app.get("/{status}")
    async def endpoint(
        status: int, a: Annotated[str, first], b: Annotated[str, second], c: Annotated[str, third]
    ) -> list[str]:
        if status != 200:
            raise HTTPException(status)
        return [a, b, c]

    assert [(await fetch(app, f"GET /{status}")).status for status in (200, 418)] == [200, 418]


async def test_generators_of_the_request_are_entered_before_those_of_the_function() -> None:
    seen: list[str] = []

    def noting(name: str) -> Dependency:
        async def generator() -> AsyncIterator[str]:
            seen.append(f"enter {name}")
            yield name
            seen.append(f"leave {name}")

        return generator

    needed, needing = noting("needed"), noting("function")

    async def function(needed: Annotated[str, Depends(needed)]) -> AsyncIterator[str]:
        async for value in needing():
            yield value + needed

    app = App()

    @app.get("/")
    async def endpoint(
        function: Annotated[str, Depends(function, scope="function")],
        request: Annotated[str, Depends(noting("request"))],
    ) -> None: ...

    await fetch(app, "GET /", log=seen)
    assert seen == [
        "enter needed", "enter request", "enter function", "leave function", "sent", "leave request", "leave needed"
    ]  # fmt: skip


@each_scope
async def test_a_guard_with_the_functions_lifetime_may_come_first(dependency: Dependency) -> None:
    app = App()

    async def guard() -> AsyncIterator[None]:
        yield

    @app.post("/", dependencies=[Depends(guard, scope="function")])
    async def endpoint(body: list[int], value: Annotated[str, Depends(dependency)]) -> int:
        return len(body)

    response = await fetch(app, "POST /", b"[1]", JSON)
    assert (response.status, response.text) == (200, "1")


@each_scope
async def test_a_stream_runs_inside_the_scope_of_the_request(dependency: Dependency) -> None:
    app = App()

    @app.get("/")
    async def endpoint(value: Annotated[str, Depends(dependency)]) -> AsyncIterator[str]:
        yield value
        await anyio.lowlevel.checkpoint()
        yield value

    assert (await fetch(app, "GET /")).status == 200


@each_scope
def test_a_websocket_runs_inside_the_scope(dependency: Dependency, anyio_backend_name: str) -> None:
    app = App()

    @app.websocket("/")
    async def endpoint(
        websocket: WebSocket,
        value: Annotated[str, Depends(dependency)],
        other: Annotated[str, Depends(dependency, scope="function", use_cache=False)],
    ) -> None:
        await websocket.accept()
        await websocket.send_text(value)
        await websocket.receive_text()

    with TestClient(app, backend=anyio_backend_name) as client:
        with client.websocket_connect("/") as socket:
            assert socket.receive_text()
            socket.send_text("bye")
        with client.websocket_connect("/") as socket:  # the client leaves
            assert socket.receive_text()


@each_scope
def test_the_application_holds_the_scope_from_start_to_stop(dependency: Dependency, anyio_backend_name: str) -> None:
    app, mounted = App(), App()
    left: list[str] = []

    async def noting(value: Annotated[str, Depends(dependency, scope="app")]) -> AsyncIterator[str]:
        try:
            with anyio.fail_after(LONG):
                yield value
                await anyio.lowlevel.checkpoint()
        finally:
            left.append(value)

    for each in (app, mounted):

        @each.get("/")
        async def endpoint(value: Annotated[str, Depends(noting, scope="app")]) -> str:
            return value

    app.mount("/mounted", mounted)
    with TestClient(app, backend=anyio_backend_name) as client:
        assert client.get("/").text == client.get("/mounted/").text
        assert left == []
    assert len(left) == 2


@each_scope
@pytest.mark.parametrize("how", ["route", "override"])
def test_a_request_may_make_it_for_the_application(dependency: Dependency, how: str, anyio_backend_name: str) -> None:
    app = App()
    left: list[str] = []

    async def noting(value: Annotated[str, Depends(dependency, scope="app")]) -> AsyncIterator[str]:
        async with anyio.create_task_group():
            yield value
        left.append(value)

    async def failing() -> AsyncIterator[str]:
        async with anyio.create_task_group():
            raise LookupError
            yield "never"

    async def endpoint(value: Annotated[str, Depends(noting if how == "route" else in_app, scope="app")]) -> str:
        return value

    if how == "override":
        app.get("/")(endpoint)
    with TestClient(app, backend=anyio_backend_name, raise_server_exceptions=False) as client:
        if how == "override":
            app.dependency_overrides[in_app] = failing
            assert [client.get("/").status_code for _ in range(2)] == [500, 500]
            app.dependency_overrides[in_app] = noting
        else:
            app.get("/")(endpoint)
        assert client.get("/").text == client.get("/").text != ""
        assert left == []
    assert len(left) == 1


async def in_app() -> str:
    return "not overridden"


def test_an_error_at_the_end_of_what_a_request_has_made_is_raised(anyio_backend_name: str) -> None:
    app = App()

    async def dependency() -> AsyncIterator[int]:
        with anyio.fail_after(LONG):
            yield 1
        raise LookupError

    def run() -> None:
        with TestClient(app, backend=anyio_backend_name) as client:

            @app.get("/")
            async def endpoint(value: Annotated[int, Depends(dependency, scope="app")]) -> int:
                return value

            assert client.get("/").json() == 1

    with pytest.raises(LookupError):
        run()


@pytest.mark.parametrize("when", ["start", "stop"])
def test_an_error_of_a_dependency_of_the_application_is_raised_as_itself(when: str, anyio_backend_name: str) -> None:
    app = App()

    async def dependency() -> AsyncIterator[int]:
        if when == "start":
            raise LookupError
        yield 1
        raise LookupError

    @app.get("/")
    async def endpoint(value: Annotated[int, Depends(dependency, scope="app")]) -> int:
        return value

    with pytest.raises(LookupError), TestClient(app, backend=anyio_backend_name):
        pass


@each_scope
@each_lifetime
async def test_a_call_outside_of_requests_has_it_too(dependency: Dependency, lifetime: str) -> None:
    app = App()

    async def job(
        value: Annotated[str, Depends(dependency, scope=lifetime)],
        other: Annotated[str, Depends(with_task_group, scope="request", use_cache=False)],
    ) -> str:
        return value

    async with app.scope() as scope:
        first = await scope.call(job)
        assert await scope.call(job) == first


@pytest.mark.parametrize("dependency", [with_fail_after, with_move_on_after, with_task_group, with_several])
@each_lifetime
async def test_a_cancelled_request_leaves_the_scope_and_its_cleanup_can_wait(
    dependency: Dependency, lifetime: str
) -> None:
    cleaned: list[str] = []

    async def cleaning() -> AsyncIterator[str]:
        try:
            with anyio.fail_after(LONG):
                yield "cleaned"
        finally:
            for _ in range(3):
                await anyio.lowlevel.checkpoint()
            cleaned.append("cleaned")

    async def needing(cleaning: Annotated[str, Depends(cleaning)]) -> AsyncIterator[Any]:
        async with asynccontextmanager(dependency)() as value:
            yield value

    started = anyio.Event()

    async def handler(_: Any) -> None:
        started.set()
        await anyio.sleep(LONG)

    async with anyio.create_task_group() as server:
        server.start_soon(fetch, app_with(needing, lifetime, handler), "GET /")
        await started.wait()
        server.cancel_scope.cancel()
    assert len(cleaned) == 1


@each_lifetime
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "ending", [{"leave_at": 2}, {"cancel_at": 2}, {"cancel_after": 2}], ids=lambda each: next(iter(each))
)
async def test_a_client_that_leaves_does_not_cancel_the_cleanup(lifetime: str, version: str, ending: Any) -> None:
    cleaned: list[str] = []

    async def cleaning() -> AsyncIterator[str]:
        async with anyio.create_task_group() as tasks:
            try:
                with anyio.fail_after(LONG):
                    yield "cleaned"
            finally:
                await anyio.lowlevel.checkpoint()
                cleaned.append("cleaned")
                tasks.cancel_scope.cancel()

    async def handler(value: str) -> StreamingResponse:
        async def endless() -> AsyncIterator[str]:
            while True:
                yield value
                await anyio.lowlevel.checkpoint()

        return StreamingResponse(endless())

    result = await exchange(app_with(cleaning, lifetime, handler), scope_of(version=version), **ending)
    assert cleaned == ["cleaned"]
    assert not result.is_complete


async def test_a_router_guard_holds_it_around_a_plain_route() -> None:
    router = Router(dependencies=[Depends(with_task_group), Depends(with_fail_after, scope="function")])
    router.add_route("/", StreamingResponse(["plain"]))
    app = App()
    app.include_router(router)
    assert (await fetch(app, "GET /")).text == "plain"

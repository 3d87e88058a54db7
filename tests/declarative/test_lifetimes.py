"""`yield` dependencies: when they are left, what they see of the request's end, and what they make of it."""

import contextvars
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import anyio
import pytest

from signette.app import App
from signette.background import BackgroundTasks
from signette.declarative.binding.runtime import SwallowedException
from signette.declarative.signature.marker_functions import Depends, Security
from signette.exceptions import HTTPException
from signette.problems import Problem
from tests.asgi import fetch
from tests.declarative.building import app_of


class Conflict(Problem, status=409):
    """It was changed meanwhile."""


class Seen(list[str]):
    """Generators that note what happens to them."""

    def sync(self, name: str, convert: Callable[[Exception], Any] | None = None) -> Any:
        def generator() -> Iterator[str]:
            self.append(f"enter {name}")
            try:
                yield name
            except Exception as exc:
                self.append(f"{name} saw {type(exc).__name__}")
                if convert is None:
                    raise
                convert(exc)
            finally:
                self.append(f"leave {name}")

        return generator

    def asynchronous(self, name: str, convert: Callable[[Exception], Any] | None = None) -> Any:
        async def generator() -> AsyncIterator[str]:
            self.append(f"enter {name}")
            try:
                yield name
            except Exception as exc:
                self.append(f"{name} saw {type(exc).__name__}")
                if convert is None:
                    raise
                convert(exc)
            finally:
                await anyio.lowlevel.checkpoint()
                self.append(f"leave {name}")

        return generator


KINDS = pytest.mark.parametrize("kind", ["sync", "asynchronous"])


def to_conflict(exc: Exception) -> None:
    raise Conflict from exc


def swallow(exc: Exception) -> None:
    """Nothing is raised again."""


@KINDS
async def test_one_with_the_requests_lifetime_exits_after_the_response(kind: str) -> None:
    seen = Seen()

    async def endpoint(a: str = Depends(getattr(seen, kind)("a"))) -> str:
        seen.append("handler")
        return a

    assert (await fetch(app_of(endpoint), "GET /", log=seen)).body == b"a"
    assert seen == ["enter a", "handler", "sent", "leave a"]


@KINDS
async def test_one_with_the_functions_lifetime_exits_before_the_response(kind: str) -> None:
    seen = Seen()

    async def endpoint(a: str = Depends(getattr(seen, kind)("a"), scope="function")) -> str:
        seen.append("handler")
        return a

    assert (await fetch(app_of(endpoint), "GET /", log=seen)).body == b"a"
    assert seen == ["enter a", "handler", "leave a", "sent"]


async def test_they_are_left_in_the_opposite_order() -> None:
    seen = Seen()

    async def endpoint(
        a: str = Depends(seen.sync("a")),
        b: str = Depends(seen.asynchronous("b"), scope="function"),
        c: str = Depends(seen.asynchronous("c")),
    ) -> None: ...

    await fetch(app_of(endpoint), "GET /", log=seen)
    assert seen == ["enter a", "enter c", "enter b", "leave b", "sent", "leave c", "leave a"]


async def test_background_tasks_run_before_the_request_ends() -> None:
    seen = Seen()

    async def endpoint(tasks: BackgroundTasks, a: str = Depends(seen.sync("a"))) -> None:
        tasks.add_task(seen.append, "task")

    await fetch(app_of(endpoint), "GET /", log=seen)
    assert seen == ["enter a", "sent", "task", "leave a"]


async def test_a_stream_finds_it_open_to_its_end() -> None:
    seen = Seen()

    async def endpoint(a: str = Depends(seen.asynchronous("a"))) -> AsyncIterator[str]:
        seen.append("streaming")
        yield a

    assert (await fetch(app_of(endpoint), "GET /", log=seen)).body == b"a"
    assert seen == ["enter a", "streaming", "sent", "leave a"]


@KINDS
@pytest.mark.parametrize("scope", ["request", "function"])
async def test_an_exception_of_the_handler_is_thrown_in(kind: str, scope: Any) -> None:
    seen = Seen()

    async def endpoint(a: str = Depends(getattr(seen, kind)("a"), scope=scope)) -> None:
        raise HTTPException(418)

    assert (await fetch(app_of(endpoint), "GET /", log=seen)).status == 418
    assert seen == ["enter a", "a saw HTTPException", "leave a", "sent"]


@KINDS
async def test_a_problem_that_is_returned_is_thrown_in_too(kind: str) -> None:
    seen = Seen()

    async def endpoint(a: str = Depends(getattr(seen, kind)("a"))) -> str | Conflict:
        return Conflict()

    assert (await fetch(app_of(endpoint), "GET /", log=seen)).status == 409
    assert seen == ["enter a", "a saw Conflict", "leave a", "sent"]


@KINDS
@pytest.mark.parametrize("scope", ["request", "function"])
async def test_an_exception_may_be_made_into_another(kind: str, scope: Any) -> None:
    seen = Seen()

    async def endpoint(a: str = Depends(getattr(seen, kind)("a", to_conflict), scope=scope)) -> None:
        raise KeyError("row")

    response = await fetch(app_of(endpoint), "GET /", log=seen)
    assert (response.status, response.json["detail"]) == (409, "It was changed meanwhile.")
    assert seen == ["enter a", "a saw KeyError", "leave a", "sent"]


@KINDS
@pytest.mark.parametrize("scope", ["request", "function"])
async def test_a_swallowed_exception_is_reported(kind: str, scope: Any) -> None:
    seen = Seen()

    async def endpoint(a: str = Depends(getattr(seen, kind)("a", swallow), scope=scope)) -> None:
        raise KeyError("row")

    with pytest.raises(SwallowedException, match="swallowed KeyError") as raised:
        await fetch(app_of(endpoint), "GET /", log=seen)
    assert isinstance(raised.value.__cause__, KeyError)
    assert seen == ["enter a", "a saw KeyError", "leave a", "sent"]


async def test_the_inner_one_converts_before_the_outer_one_sees() -> None:
    seen = Seen()

    async def endpoint(a: str = Depends(seen.sync("a")), b: str = Depends(seen.sync("b", to_conflict))) -> None:
        raise KeyError("row")

    await fetch(app_of(endpoint), "GET /")
    assert seen == ["enter a", "enter b", "b saw KeyError", "leave b", "a saw Conflict", "leave a"]


async def test_a_rejection_before_it_was_entered_leaves_nothing_open() -> None:
    seen = Seen()

    async def endpoint(n: int, a: str = Depends(seen.sync("a"))) -> None: ...

    assert (await fetch(app_of(endpoint), "GET /?n=x")).status == 422
    assert seen == []


async def test_a_rejection_after_a_guard_was_entered_is_seen_by_it() -> None:
    seen = Seen()

    async def endpoint(n: int) -> None: ...

    response = await fetch(app_of(endpoint, dependencies=[Security(seen.sync("guard"))]), "GET /?n=x", log=seen)
    assert response.status == 422
    assert seen == ["enter guard", "guard saw RequestValidationError", "leave guard", "sent"]


async def test_a_failing_dependency_closes_those_before_it() -> None:
    seen = Seen()

    async def fails() -> None:
        raise Conflict

    async def endpoint(a: str = Depends(seen.asynchronous("a")), b: None = Depends(fails)) -> None: ...

    assert (await fetch(app_of(endpoint), "GET /")).status == 409
    assert seen == ["enter a", "a saw Conflict", "leave a"]


async def test_leaving_is_not_cut_short_by_a_cancellation() -> None:
    seen: list[str] = []

    async def slow() -> AsyncIterator[None]:
        try:
            yield
        finally:
            await anyio.lowlevel.checkpoint()  # a cancelled task would get no further than here
            seen.append("left")

    async def endpoint(a: None = Depends(slow)) -> None:
        server.cancel()
        await anyio.sleep_forever()

    with anyio.CancelScope() as server:
        await fetch(app_of(endpoint), "GET /")
    assert seen == ["left"]


async def test_sync_ones_are_entered_and_left_in_threads() -> None:
    threads: list[int] = []

    def generator() -> Iterator[int]:
        threads.append(threading.get_ident())
        yield 1
        threads.append(threading.get_ident())

    async def endpoint(a: int = Depends(generator)) -> int:
        return a

    await fetch(app_of(endpoint), "GET /")
    assert len(threads) == 2
    assert threading.get_ident() not in threads


async def test_it_exits_in_the_context_in_which_it_entered() -> None:
    level: contextvars.ContextVar[int] = contextvars.ContextVar("level", default=0)

    async def deeper() -> AsyncIterator[None]:
        token = level.set(level.get() + 1)
        yield
        level.reset(token)  # raises in another context

    async def endpoint(a: None = Depends(deeper)) -> int:
        return level.get()

    assert (await fetch(app_of(endpoint), "GET /")).json == 1
    assert level.get() == 0


async def test_it_is_entered_once_per_lifetime_for_all_dependents() -> None:
    seen = Seen()
    connection = seen.sync("c")

    async def rows(c: Annotated[str, Depends(connection)]) -> str:
        return c

    async def endpoint(a: str = Depends(rows), b: str = Depends(connection)) -> str:
        return a + b

    assert (await fetch(app_of(endpoint), "GET /")).body == b"cc"
    assert seen == ["enter c", "leave c"]


async def test_two_lifetimes_are_two_generators() -> None:
    seen = Seen()
    connection = seen.sync("c")

    async def endpoint(a: str = Depends(connection), b: str = Depends(connection, scope="function")) -> None: ...

    await fetch(app_of(endpoint), "GET /", log=seen)
    assert seen == ["enter c", "enter c", "leave c", "sent", "leave c"]


async def test_a_generator_of_a_class_is_one_too() -> None:
    class Connection:
        def __init__(self) -> None:
            self.is_open = False

        async def __call__(self) -> AsyncIterator[Any]:
            self.is_open = True
            yield self
            self.is_open = False

    connection = Connection()

    async def endpoint(c: Annotated[Connection, Depends(connection)]) -> bool:
        return c.is_open

    app = App()
    app.add_api_route("/", endpoint)
    assert (await fetch(app, "GET /")).json is True
    assert not connection.is_open

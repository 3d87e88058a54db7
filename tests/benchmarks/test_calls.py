"""The guard of the speed: how many Python calls a request costs. Counts are alike on every machine, clocks are not.

A call of a Python function costs some 50 ns, so what a request of a few microseconds costs follows what it calls. A
count that has risen means that something is done at each request that was not before: a helper that was inlined into
the binder, a wrapper around `send`, an object that no one asked for. Do it when the route or the binder is made, or
find the request by which it pays, measure (`make bench`), and raise the limit here with the change. A count that has
fallen is a gain: lower the limit, so that it stays.
"""

from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from types import CodeType
from typing import Annotated, Any

import pytest

from benchmarks.contenders.signette_app import app as contender
from benchmarks.workloads import BY_NAME, WORKLOADS, Workload
from signette.app import App
from signette.concurrency import run_limited
from signette.connection import HTTPConnection
from signette.declarative.binding.runtime import Exits
from signette.declarative.signature.marker_functions import Depends
from signette.requests import Request
from tests.benchmarks.counting import Watch, table_of_calls

ROOT = Path(__file__).parents[2]

# Calls of a request, those of the handlers and dependencies themselves and of the server's `receive` and `send` aside.
CALLS = {
    # Application and binder. The route is found by its path in a dictionary, without a call.
    "hello": 2,
    # + the query's parsing. The path before the parameter is looked up, too.
    "item": 3,
    # + the parsing of query and cookies. Seven values are read without a call.
    "ctx": 4,
    # As hello: four callables and a header cost no call of ours.
    "deps": 2,
    # As hello: the binder reads the body. + the check of the types in the response, which orjson then writes.
    "create": 3,
    # As create; + the form's parsing (3).
    "form": 5,
    # + the list's writing. A hundred models are checked in one call, which is no Python.
    "many": 3,
    # As hello. As above.
    "bulk": 2,
    # As item; then two entries, and the text of the problem with them, which the binder sends.
    "422": 6,
}


def request_of(app: App, workload: Workload) -> Awaitable[None]:
    """One request, on its way."""
    messages = [{"type": "http.request", "body": workload.body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == workload.status

    return app(workload.scope(), receive, send)


def calls_of(app: App, workload: Workload) -> list[CodeType]:
    """What one request calls, once the binder is made. No event loop runs: a request that is there needs none."""
    for _ in range(2):
        answer(request_of(app, workload))
    with Watch() as calls:
        answer(request_of(app, workload))
    return [code for code in calls if not is_theirs(code)]


def answer(request: Any) -> None:
    try:
        request.send(None)
    except StopIteration:
        return
    pytest.fail("the request handed control to the event loop, though nothing kept it waiting")


def is_theirs(code: CodeType) -> bool:
    """Whether it is a handler, a dependency, or the server's part."""
    file = Path(code.co_filename)
    return file.is_relative_to(ROOT / "benchmarks") or file.is_relative_to(ROOT / "tests")


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_a_request_costs_no_more_calls_than_it_did(workload: Workload) -> None:
    calls = calls_of(contender, workload)
    limit = CALLS[workload.name]
    assert len(calls) <= limit, f"{len(calls)} calls in place of {limit}:\n{table_of_calls(calls)}"


def test_every_workload_has_a_limit() -> None:
    assert CALLS.keys() == BY_NAME.keys()


# -- what one more of something costs ----------------------------------------------------------------------------------


def plain_get(path: str, query: bytes = b"") -> Workload:
    return Workload("here", "GET", path, None, query=query)


def test_more_parameters_cost_no_more_calls() -> None:
    app = App()

    @app.get("/one")
    async def one(a: int) -> dict[str, int]:
        return {}

    @app.get("/five")
    async def five(a: int, b: float, c: bool, d: str | None = None, e: int = 3) -> dict[str, int]:
        return {}

    few = calls_of(app, plain_get("/one", b"a=1"))
    more = calls_of(app, plain_get("/five", b"a=1&b=2&c=on&d=x"))
    assert len(more) <= len(few), table_of_calls(more)


def test_more_dependencies_cost_nothing_but_themselves() -> None:
    app = App()

    async def first() -> int:
        return 1

    async def second(first: Annotated[int, Depends(first)]) -> int:
        return first

    @app.get("/none")
    async def none() -> int:
        return 1

    @app.get("/two")
    async def two(first: Annotated[int, Depends(first)], second: Annotated[int, Depends(second)]) -> int:
        return first + second

    assert len(calls_of(app, plain_get("/two"))) <= len(calls_of(app, plain_get("/none")))


def test_more_routes_cost_no_more_calls() -> None:
    few, many = App(), App()

    async def endpoint(number: int) -> int:
        return number

    for app, count in ((few, 2), (many, 300)):
        for index in range(count):
            app.get(f"/part-{index}/{{number}}")(endpoint)
    last = calls_of(many, plain_get("/part-299/7"))
    assert len(last) <= len(calls_of(few, plain_get("/part-1/7"))), table_of_calls(last)


# -- what a plan does not need, its requests do not pay ----------------------------------------------------------------

# Code that runs where such a thing is made or used.
MARKS = {
    HTTPConnection.__init__.__code__: "request",
    Request.__init__.__code__: "request",
    Exits.__aenter__.__code__: "exit stack",
    run_limited.__code__: "thread",
}
lean = App()


async def opened() -> AsyncIterator[int]:
    yield 1


@lean.get("/nothing")
async def nothing() -> int:
    return 1


@lean.get("/request")
async def with_request(request: Request) -> int:
    return 1


@lean.get("/yield")
async def with_yield(opened: Annotated[int, Depends(opened)]) -> int:
    return 1


@lean.get("/sync")
def sync() -> int:
    return 1


@pytest.mark.parametrize(
    ("path", "needed"),
    [("/nothing", set()), ("/request", {"request"}), ("/yield", {"exit stack"}), ("/sync", {"thread"})],
)
async def test_a_plan_contains_only_what_its_signature_needs(path: str, needed: set[str]) -> None:
    await request_of(lean, plain_get(path))
    request = request_of(lean, plain_get(path))
    with Watch() as calls:
        await request
    assert {MARKS[code] for code in calls if code in MARKS} == needed


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_the_workloads_make_no_request_no_exit_stack_and_no_thread(workload: Workload) -> None:
    assert not {MARKS[code] for code in calls_of(contender, workload) if code in MARKS}


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/nothing", 405)])
def test_requests_that_no_route_handles_create_none_of_them_either(method: str, path: str, status: int) -> None:
    calls = calls_of(lean, Workload("none", method, path, None, status=status))
    assert not {MARKS[code] for code in calls if code in MARKS}

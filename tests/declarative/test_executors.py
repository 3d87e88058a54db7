"""`executor=`: in which threads and processes sync functions run, and what is rejected."""

import contextlib
import os
import pickle
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any

import anyio
import cloudpickle
import pytest
from anyio.to_process import current_default_process_limiter

from signette import _pickled_call
from signette.app import App, Router
from signette.declarative.errors.base import SignatureError
from signette.declarative.inspection.plan_json import describe_plan
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.pages import Page
from signette.executors import Executor, Process, ProcessCallError, Thread
from signette.limits import Limits
from signette.policies import CancelOnDisconnect, Deadline
from signette.websockets import WebSocket
from tests.asgi import DISCONNECT, JSON, body_of, fetch, scope_of
from tests.declarative import process_functions as there
from tests.declarative.building import app_of
from tests.timeouts import SECONDS

pytestmark = pytest.mark.either_loop


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def in_thread(function: Callable[..., Any], *args: Any) -> Any:
    """Wait for another thread or process."""
    with anyio.fail_after(SECONDS):
        return await anyio.to_thread.run_sync(function, *args, limiter=anyio.CapacityLimiter(1), abandon_on_cancel=True)


# -- threads -----------------------------------------------------------------------------------------------------------


async def test_a_thread_pool_is_shared_by_those_that_name_it_and_takes_no_thread_of_the_application() -> None:
    inside, leave, pool = threading.Semaphore(0), threading.Event(), Thread(limit=2)

    def visit() -> None:
        inside.release()
        assert leave.wait(SECONDS)

    async def taking(a: Annotated[None, Depends(visit, executor=pool)]) -> None: ...

    app = App(limits=Limits(worker_threads=1))
    app.get("/a", executor=pool)(visit)
    app.get("/b")(taking)
    app.get("/free")(there.process_of)
    async with anyio.create_task_group() as group:
        for path in ("/a", "/b", "/a", "/b"):
            group.start_soon(fetch, app, f"GET {path}")
        for _ in range(2):
            await in_thread(inside.acquire, True, SECONDS)
        await anyio.wait_all_tasks_blocked()
        assert (await fetch(app, "GET /free")).json == os.getpid()
        assert not inside.acquire(blocking=False)
        assert (pool.limiter().borrowed_tokens, pool.limiter().statistics().tasks_waiting) == (2, 2)
        leave.set()


async def test_context_variables_of_a_thread_are_kept() -> None:
    variable: ContextVar[str] = ContextVar("variable")

    def dependency() -> None:
        variable.set("set")

    async def endpoint(a: Annotated[None, Depends(dependency, executor=Thread(1))]) -> str:
        return variable.get()

    assert (await fetch(app_of(endpoint), "GET /")).text == "set"


async def test_a_request_that_holds_a_generator_cannot_wait_for_one_that_waits_for_it() -> None:
    pool, threads = threading.Semaphore(1), Thread(limit=1)
    has_connection, waits = anyio.Event(), threading.Event()

    def connection() -> Iterator[None]:
        assert pool.acquire(timeout=SECONDS)
        yield
        pool.release()

    async def pause(a: Annotated[None, Depends(connection)]) -> None:
        has_connection.set()
        await in_thread(waits.wait, SECONDS)

    def holding(a: Annotated[None, Depends(pause)]) -> str:
        return "held"

    def waiting() -> str:
        waits.set()
        assert pool.acquire(timeout=SECONDS)
        pool.release()
        return "waited"

    app = App()
    app.get("/holding", executor=threads)(holding)
    app.get("/waiting", executor=threads)(waiting)
    found: list[str] = []

    async def ask(path: str) -> None:
        found.append((await fetch(app, f"GET {path}")).text)

    async with anyio.create_task_group() as group:
        group.start_soon(ask, "/holding")
        await has_connection.wait()
        group.start_soon(ask, "/waiting")
    assert sorted(found) == ["held", "waited"]


async def test_an_application_with_an_executor_has_it_for_all_sync_endpoints() -> None:
    router = Router(prefix="/in", executor=Thread(limit=3))
    router.get("/own", executor=Thread(limit=5))(there.thread_name)
    router.get("/router")(there.thread_name)
    app = App(executor=Thread(limit=1), openapi_url=None)
    app.include_router(router)
    app.get("/app")(there.thread_name)
    app.get("/lines")(there.generates)

    @app.get("/async")
    async def other() -> None: ...

    notes = {route.path: str(route.explain()) for route in app.routes}
    assert "in a thread of Thread(limit=5)" in notes["/in/own"]
    assert "in a thread of Thread(limit=3)" in notes["/in/router"]
    assert "in a thread of Thread(limit=1)" in notes["/app"]
    assert (
        "Thread(limit=1) of the application is not applied: `executor=Thread(limit=1)` is for functions that"
        in notes["/lines"]
    )
    assert "a thread of" not in notes["/async"]
    assert "not applied" not in notes["/async"]
    for path in ("/in/own", "/in/router", "/app", "/lines"):
        assert (await fetch(app, f"GET {path}")).status == 200


async def test_it_works_for_head_overrides_concurrent_ones_and_outside_of_requests() -> None:
    pool = Thread(limit=2)

    async def endpoint(
        a: Annotated[str, Depends(there.thread_name, executor=pool, concurrent=True, max_concurrency=1)],
        b: Annotated[int, Depends(there.process_of, executor=pool, concurrent=True)],
    ) -> int:
        return b

    app = app_of(endpoint)
    assert (await fetch(app, "HEAD /")).status == 200

    async def replaced() -> int:
        return 3

    with app.override(there.process_of, replaced):
        assert (await fetch(app, "GET /")).json == 3
    async with app.scope() as scope:
        assert await scope.call(endpoint) == os.getpid()


def test_plans_with_executors_are_described_and_pickled() -> None:
    app = App(executor=Process(limit=2), openapi_url=None)
    app.get("/one")(there.process_of)
    app.get("/two")(there.takes_request)
    one, two = (describe_plan(cloudpickle.loads(cloudpickle.dumps(route.plan)))["steps"][-1] for route in app.routes)
    assert (one["executor"], one["executor_not_applied"]) == ("Process(limit=2)", None)
    assert two["executor"] is None
    assert "`request` is the request, which cannot be sent" in two["executor_not_applied"]
    assert repr(pickle.loads(pickle.dumps(Thread(limit=2)))) == "Thread(limit=2)"


# -- processes ---------------------------------------------------------------------------------------------------------


async def test_a_sync_endpoint_and_a_dependency_run_in_worker_processes() -> None:
    pool = Process(limit=1)

    async def endpoint(pid: Annotated[int, Depends(there.process_of, executor=pool)]) -> int:
        return pid

    app = App()
    app.get("/dependency")(endpoint)
    app.get("/endpoint", executor=pool)(there.process_of)
    app.post("/double", executor=pool)(there.double)
    pids = [(await fetch(app, f"GET {path}")).json for path in ("/dependency", "/endpoint", "/endpoint")]
    assert len({os.getpid(), *pids}) == 2  # one process is used again
    found = await fetch(app, "POST /double", b'{"name": "a"}', JSON)
    assert found.json == {"name": "aa", "amount": 2}
    assert (await fetch(app, "POST /double", b'{"name": 1}', JSON)).status == 422


async def test_what_a_process_raises_is_raised_here() -> None:
    app = app_of(there.fail, "/{what}", executor=Process(limit=1))
    assert (await fetch(app, "GET /http")).status == 418
    found = await fetch(app, "GET /problem")
    assert (found.status, found.json["left"]) == (409, 3)
    assert (await fetch(app, "GET /response")).text == "made there"
    with pytest.raises(ValueError, match="wrong") as caught:
        await fetch(app, "GET /value")
    assert "raise errors[what]" in str(caught.value.__cause__)
    for what, problem in (
        ("unsendable", "it raised `Unsendable`, which cannot be sent back\n(.|\n)*Unsendable: a 1"),
        ("exit", "it raised `SystemExit`"),
        ("killed", "the worker process of `.*fail` died"),
        ("result", "its result, a `lock`, cannot be sent back"),
    ):
        with pytest.raises(ProcessCallError, match=problem):
            await fetch(app, f"GET /{what}")
    assert (await fetch(app, "GET /http")).status == 418  # in another process


async def test_arguments_and_functions_that_cannot_be_sent_are_named() -> None:
    with pytest.raises(ProcessCallError, match=r"argument 1 of `.*takes_lock`, a `lock`, cannot be sent"):
        await fetch(app_of(there.takes_lock, executor=Process(limit=1)), "GET /")
    with pytest.raises(
        ProcessCallError, match=r"`.*decorated` cannot be sent to a worker process: (.|\n)*put `@app.get"
    ):
        await fetch(app_of(there.inner, executor=Process(limit=1)), "GET /")
    assert (await fetch(app_of(there.decorated, executor=Process(limit=1)), "GET /")).json != os.getpid()


class Pipe:
    """A named pipe: its other end is open until a worker process has ended."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "pipe"
        os.mkfifo(self.path)

    async def begun(self) -> None:
        """Wait until the process has begun."""
        self._file = await in_thread(self.path.open)
        assert await in_thread(self._file.readline) == "begun\n"

    async def ended(self) -> None:
        """Wait until the process has ended."""
        with self._file:
            assert await in_thread(self._file.read) == ""


@pytest.mark.parametrize("policy", [Deadline(0.5), CancelOnDisconnect()], ids=["deadline", "disconnect"])
async def test_a_call_that_is_cancelled_ends_its_process(policy: Any, tmp_path: Path) -> None:
    app = app_of(there.never, policies=[policy], executor=(pool := Process(limit=1)))
    app.get("/pid", executor=pool)(there.process_of)
    await fetch(app, "GET /pid")  # it is started
    pipe, left, sent = Pipe(tmp_path), anyio.Event(), []
    messages = body_of()

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await left.wait()
        return DISCONNECT

    async def send(message: Any) -> None:
        sent.append(message)

    async with anyio.create_task_group() as group:
        group.start_soon(app, scope_of(query_string=f"pipe={pipe.path}".encode()), receive, send)
        await pipe.begun()
        if isinstance(policy, CancelOnDisconnect):
            left.set()
    await pipe.ended()
    assert [each.get("status") for each in sent] == ([] if isinstance(policy, CancelOnDisconnect) else [504, None])
    assert (await fetch(app, "GET /pid")).status == 200


async def test_at_most_so_many_processes_run_at_once(tmp_path: Path) -> None:
    pool, pipe = Process(limit=1), Pipe(tmp_path)
    app = app_of(there.never, executor=pool)
    async with anyio.create_task_group() as group:
        for _ in range(2):
            group.start_soon(fetch, app, f"GET /?pipe={pipe.path}")
        await pipe.begun()
        statistics = pool.limiter().statistics()
        assert (statistics.borrowed_tokens, statistics.tasks_waiting) == (1, 1)
        assert current_default_process_limiter().borrowed_tokens == 0
        group.cancel_scope.cancel()
    await pipe.ended()


def test_processes_end_with_the_event_loop() -> None:
    async def call() -> int:
        found: int = (await fetch(app_of(there.process_of, executor=Process(limit=1)), "GET /")).json
        return found

    for backend in ("asyncio", "trio"):
        pid = anyio.run(call, backend=backend)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
        assert not alive(pid)


def test_what_a_worker_cannot_read_is_an_error_with_its_reason() -> None:
    kind, problem, text = pickle.loads(_pickled_call.run_pickled(b"cos\nnothing\n."))
    assert (kind, problem) == ("failure", "the call could not be read, as its module cannot be imported there")
    assert "nothing" in text
    with pytest.raises(_pickled_call.NotSent, match=r"the result of `.*process_of` cannot be read back"):
        _pickled_call.result_of(there.process_of, b"cos\nnothing\n.", "worker process")


# -- rejected ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0, -1, True, 1.5, "2"])
@pytest.mark.parametrize("executor", [Thread, Process])
def test_a_limit_is_a_positive_number(executor: type[Executor], limit: Any) -> None:
    with pytest.raises(ValueError, match="must be a number, at least 1"):
        executor(limit)


def local() -> Callable[[], None]:
    def function() -> None: ...

    return function


class Called:
    def __call__(self) -> None: ...


async def coroutine() -> None: ...


PROCESS = Process(limit=1)


def listed(page: Page.Offset) -> Page[int]:
    return page.of([1])


def rows(page: Page.Cursor[int]) -> list[int]:
    return [1]


def test_a_page_parameter_stays_in_its_process() -> None:
    with pytest.raises(SignatureError, match="`page` is a page parameter, which cannot be sent to a worker process"):
        App().get("/", executor=PROCESS)(listed)

    async def endpoint(
        page: Page.Cursor[int], found: Annotated[list[int], Depends(rows, executor=PROCESS)]
    ) -> Page[int]:
        return page.of(found, next=None)

    with pytest.raises(SignatureError, match="`page` is a page parameter"):
        App(cursor_keys=["a secret of all processes"]).get("/")(endpoint)


@pytest.mark.parametrize(
    ("function", "executor", "problem"),
    [
        (coroutine, Thread(1), "this is an `async def`, which runs on the event loop"),
        (there.generates, Thread(1), "this is a generator"),
        (local(), PROCESS, "it is not at the top level of a module"),
        (lambda: None, PROCESS, "it is not at the top level of a module"),
        (Called(), PROCESS, "it is not at the top level of a module"),
        (there.takes_request, PROCESS, "`request` is the request, which cannot be sent to a worker process"),
        (there.takes_tasks, PROCESS, "`tasks` is an object of this process"),
        (there.takes_response, PROCESS, "`response` is the response"),
        (there.takes_store, PROCESS, "`store` is an object of this process"),
        (there.takes_file, PROCESS, "`file` is an open file"),
    ],
)
async def test_an_executor_that_cannot_run_a_function_is_rejected(
    function: Callable[..., Any], executor: Executor, problem: str
) -> None:
    with pytest.raises(SignatureError, match=problem):
        app_of(function, method="POST", executor=executor)
    if function is not there.takes_tasks and function is not there.takes_response:

        async def endpoint(a: Annotated[Any, Depends(function, executor=executor)]) -> None: ...

        with pytest.raises(SignatureError, match=problem):
            app_of(endpoint, method="POST")
    # That of an application is left out.
    app = App(executor=executor)
    app.post("/")(function)


def test_what_is_no_executor_is_rejected() -> None:
    async def endpoint(a: Annotated[Any, Depends(there.process_of, executor=4)]) -> None: ...  # type: ignore[arg-type]

    async def collects(a: Annotated[there.Point, Depends(executor=Thread(1))]) -> None: ...

    with pytest.raises(
        SignatureError, match="`executor=` of `process_of` must be a `Thread`, `Process` or `Interpreter`, got `int`"
    ):
        app_of(endpoint)
    with pytest.raises(SignatureError, match="of `Point` has no effect: the class only collects"):
        app_of(collects)
    for make in (App, Router):
        with pytest.raises(SignatureError, match="`executor=` must be a `Thread"):
            make(executor=Thread)  # type: ignore[arg-type]
        with pytest.raises(SignatureError, match="`executor=` must be a `Thread"):
            make().get("/", executor=2)(there.process_of)


def test_a_websocket_has_no_executor() -> None:
    async def talk(socket: WebSocket) -> None: ...

    App(executor=Thread(1)).websocket("/")(talk)
    with pytest.raises(SignatureError, match="which runs on the event loop"):
        App().add_api_websocket_route("/", talk, executor=Thread(1))  # type: ignore[call-arg]

import functools
import logging
import threading
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import anyio
import pytest

from signette.app import App
from signette.background import BackgroundTask, BackgroundTasks, is_background_failure, run_after
from signette.requests import Request
from signette.responses import EventSourceResponse, FileResponse, PlainTextResponse, RedirectResponse
from signette.responses.plain import Response
from signette.responses.streaming import StreamingResponse
from signette.routing.route import Route
from tests.asgi import call

SCOPE = {"type": "http", "method": "POST", "path": "/orders\n"}


@pytest.fixture
def done() -> list[Any]:
    return []


async def fails() -> None:
    raise LookupError("the queue is gone")


def fails_in_a_thread() -> None:
    raise LookupError("the queue is gone")


class Mailer:
    def __init__(self, sent: list[Any]) -> None:
        self.sent = sent

    async def __call__(self, *args: Any, **kwargs: Any) -> None:
        self.sent.append((args, kwargs))


async def test_an_async_task_is_awaited_with_its_arguments(done):
    mailer = Mailer(done)
    await BackgroundTask(mailer, 1, to=2)()
    await BackgroundTask(functools.partial(mailer, 1), task=3)()
    await BackgroundTask(mailer.__call__)()
    assert done == [((1,), {"to": 2}), ((1,), {"task": 3}), ((), {})]


async def test_a_sync_task_runs_in_a_thread_and_sees_the_context(done):
    user: ContextVar[str] = ContextVar("user")
    user.set("ada")
    await BackgroundTask(lambda *args: done.append((threading.get_ident(), user.get(), args)), 1)()
    [(thread, name, args)] = done
    assert thread != threading.get_ident()
    assert (name, args) == ("ada", (1,))


async def test_tasks_run_in_the_order_they_were_added(done):
    tasks = BackgroundTasks([BackgroundTask(done.append, 1)])
    tasks.add_task(Mailer(done), "to", subject="hi")
    tasks.add_task(done.append, 3)
    await tasks()
    assert done == [1, (("to",), {"subject": "hi"}), 3]


async def test_tasks_may_be_tasks_of_tasks(done):
    inner = BackgroundTasks()
    inner.add_task(done.append, 1)
    await BackgroundTasks([inner, BackgroundTask(done.append, 2)])()
    assert done == [1, 2]


def test_the_given_list_is_not_written_to():
    given: list[BackgroundTask] = []
    tasks = BackgroundTasks(given)
    tasks.add_task(print)
    assert given == []
    assert isinstance(tasks, BackgroundTask)


def test_a_task_has_its_function_and_arguments():
    task = BackgroundTask(fails, 1, a=2)  # type: ignore[call-arg]  # it is not going to be called
    assert (task.func, task.args, task.kwargs, task.is_async) == (fails, (1,), {"a": 2}, True)


@pytest.mark.parametrize("failing", [fails, fails_in_a_thread])
async def test_a_task_that_fails_is_logged_and_the_others_still_run(failing, done, caplog):
    tasks = BackgroundTasks()
    tasks.add_task(done.append, 1)
    tasks.add_task(failing)
    tasks.add_task(done.append, 2)
    with pytest.raises(LookupError, match="the queue is gone"):
        await run_after(tasks, SCOPE)
    assert done == [1, 2]
    [record] = caplog.records
    assert (record.name, record.levelno) == ("signette.background", logging.ERROR)
    assert record.getMessage() == f"the background task `{failing.__name__}` failed after POST '/orders\\n'"
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], LookupError)


async def test_what_the_first_failed_task_raised_is_raised_and_all_are_logged(done, caplog):
    def fails_too() -> None:
        raise KeyError

    inner = BackgroundTasks([BackgroundTask(fails), BackgroundTask(done.append, 1)])
    with pytest.raises(LookupError, match="the queue is gone") as raised:
        await BackgroundTasks([inner, BackgroundTask(fails_too), BackgroundTask(done.append, 2)])()
    assert done == [1, 2]
    assert type(raised.value) is LookupError
    assert [record.getMessage() for record in caplog.records] == [
        "the background task `fails` failed",
        f"the background task `{fails_too.__qualname__}` failed",
    ]


async def test_a_single_task_that_fails_is_logged_and_raised(caplog):
    with pytest.raises(LookupError):
        await BackgroundTask(functools.partial(fails))()
    assert [record.getMessage() for record in caplog.records] == ["the background task `fails` failed"]


async def test_an_error_in_a_custom_task_class_does_not_stop_the_others(done, caplog):
    class Careless(BackgroundTask):
        async def __call__(self) -> None:
            raise LookupError("gone")

    socket = {"type": "websocket", "path": "/ws"}
    with pytest.raises(LookupError, match="gone"):
        await run_after(BackgroundTasks([Careless(print), BackgroundTask(done.append, 1)]), socket)
    with pytest.raises(LookupError, match="gone"):
        await run_after(Careless(print), {"type": "http"})
    assert done == [1]
    assert [record.getMessage() for record in caplog.records] == [
        "the background task `print` failed after websocket '/ws'",
        "the background task `print` failed after http ''",
    ]


async def test_the_next_request_is_not_taken_for_this_one(caplog):
    await run_after(BackgroundTask(print, end=""), SCOPE)
    with pytest.raises(LookupError):
        await BackgroundTask(fails)()
    assert [record.getMessage() for record in caplog.records] == ["the background task `fails` failed"]


async def test_only_what_a_background_task_raised_is_its_failure():
    for background, expected in ((BackgroundTask(fails), True), (fails, True)):
        with pytest.raises(LookupError) as raised:
            await run_after(background, SCOPE)
        assert is_background_failure(raised.value) is expected
    with pytest.raises(LookupError) as raised:
        await fails()
    assert not is_background_failure(raised.value)
    assert not is_background_failure(LookupError())


def responses_of(folder: Path) -> dict[str, Any]:
    """Each kind of response, to be made with `background`."""
    file = folder / "a.txt"
    file.write_text("a")
    return {
        "plain": lambda **options: PlainTextResponse("a", **options),
        "stream": lambda **options: StreamingResponse([b"a"], **options),
        "events": lambda **options: EventSourceResponse([], **options),
        "file": lambda **options: FileResponse(file, **options),
        "redirect": lambda **options: RedirectResponse("/", **options),
    }


@pytest.mark.parametrize("kind", ["plain", "stream", "events", "file", "redirect"])
@pytest.mark.parametrize("background", [BackgroundTask(fails), BackgroundTasks([BackgroundTask(fails)]), fails])
@pytest.mark.parametrize("typed", [True, False])
async def test_a_failure_of_any_response_is_logged_once_with_its_request_and_raised(
    kind, background, typed, tmp_path, caplog
):
    make = responses_of(tmp_path)[kind]

    async def endpoint(request: Request) -> Response:
        return make(background=background)

    app = App(routes=[] if typed else [Route("/", endpoint)])
    if typed:
        app.get("/")(endpoint)
    response = await call(app)
    assert type(response.error) is LookupError
    assert response.is_complete
    [record] = [record for record in caplog.records if record.name == "signette.background"]
    assert record.getMessage() == "the background task `fails` failed after GET '/'"


async def test_a_cancellation_is_not_an_error(caplog):
    with anyio.CancelScope() as scope:
        scope.cancel()
        await BackgroundTask(anyio.sleep_forever)()
    assert scope.cancelled_caught
    assert not caplog.records

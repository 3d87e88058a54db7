"""What a process does between SIGTERM and its end: phases, signals, and the handlers of the server."""

import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from signette import App, draining
from signette._per_loop import PerLoop
from signette.draining import Draining, current_draining, drain_on_signals, draining_on_signals
from tests.timeouts import SECONDS

HOUR = 3600


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "_settings", None)
    monkeypatch.setattr(draining, "_of_loops", PerLoop(Draining))


@pytest.fixture
def received() -> Iterator[list[int]]:
    """The signals that have reached the handlers of a server."""
    found: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, lambda number, _: found.append(number))
    yield found
    for number, handler in before.items():
        signal.signal(number, handler)


async def until(is_true: Callable[[], bool]) -> None:
    with anyio.fail_after(SECONDS):
        while not is_true():
            await checkpoint()


async def until_stopping() -> None:
    with anyio.fail_after(SECONDS):
        await current_draining().wait()


async def test_a_loop_has_one_state_which_does_not_drain() -> None:
    state = current_draining()
    assert state is current_draining()
    assert (state.has_begun, state.is_stopping) == (False, False)
    state.begin()
    assert (state.has_begun, state.is_stopping) == (True, False)
    state.stop()
    await state.wait()
    assert state.is_stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_streams_and_then_reaches_the_server(received: list[int], number: int) -> None:
    drain_on_signals()
    async with draining_on_signals():
        os.kill(os.getpid(), number)
        await until_stopping()
        assert received == [number]


async def test_during_the_delay_the_process_is_not_ready_and_goes_on(received: list[int]) -> None:
    drain_on_signals(HOUR)
    async with draining_on_signals():
        os.kill(os.getpid(), signal.SIGTERM)
        await until(lambda: current_draining().has_begun)
        assert not current_draining().is_stopping
        assert received == []
        os.kill(os.getpid(), signal.SIGTERM)
        await until_stopping()
        assert received == [signal.SIGTERM, signal.SIGTERM]


async def test_the_delay_ends(received: list[int]) -> None:
    drain_on_signals(0.001)
    async with draining_on_signals():
        os.kill(os.getpid(), signal.SIGTERM)
        await until_stopping()
        assert received == [signal.SIGTERM]


async def test_ctrl_c_has_no_delay(received: list[int]) -> None:
    drain_on_signals(HOUR)
    async with draining_on_signals():
        os.kill(os.getpid(), signal.SIGINT)
        await until_stopping()
        assert received == [signal.SIGINT]


async def test_a_signal_after_the_end_of_the_delay_reaches_the_server(received: list[int]) -> None:
    drain_on_signals()
    async with draining_on_signals():
        for count in (1, 2):
            os.kill(os.getpid(), signal.SIGINT)
            await until(lambda count=count: len(received) == count)  # type: ignore[misc]


async def test_the_handlers_of_the_server_are_there_again_at_the_end(received: list[int]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    drain_on_signals()
    async with draining_on_signals():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before
    os.kill(os.getpid(), signal.SIGTERM)
    assert received == [signal.SIGTERM]


async def test_a_handler_that_was_set_in_the_meantime_stays(received: list[int]) -> None:
    def later(*_: Any) -> None: ...

    drain_on_signals()
    async with draining_on_signals():
        signal.signal(signal.SIGTERM, later)
    assert signal.getsignal(signal.SIGTERM) is later


async def test_signals_stay_as_they_are_unless_asked_for(received: list[int]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    async with draining_on_signals():
        assert signal.getsignal(signal.SIGTERM) == before


async def test_a_signal_without_a_handler_is_caught_only_if_asked_for(received: list[int]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    drain_on_signals()
    async with draining_on_signals():
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    drain_on_signals(without_handler=True)
    async with draining_on_signals():
        pass
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    async with draining_on_signals():
        os.kill(os.getpid(), signal.SIGTERM)
        await until_stopping()
    os.kill(os.getpid(), signal.SIGTERM)  # the dependencies are closed now, which a second signal must not break off
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    assert received == []


def test_another_thread_than_the_main_one_handles_no_signals(received: list[int]) -> None:
    before, seen = signal.getsignal(signal.SIGTERM), []

    async def enter() -> None:
        async with draining_on_signals():
            seen.append(signal.getsignal(signal.SIGTERM))

    drain_on_signals()
    thread = threading.Thread(target=anyio.run, args=[enter])
    thread.start()
    thread.join()
    assert seen == [before]


async def test_a_process_that_does_not_stop_in_time_exits(received: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    exited = threading.Event()
    monkeypatch.setattr(draining, "_exit", lambda seconds: seconds == 0.01 and exited.set())
    drain_on_signals(timeout=0.01)
    async with draining_on_signals():
        os.kill(os.getpid(), signal.SIGTERM)
        await until_stopping()
        assert await anyio.to_thread.run_sync(exited.wait, SECONDS)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"delay": -1}, "`delay` must be"), ({"delay": 5, "timeout": 5}, "`timeout` must be longer than `delay`")],
)
def test_times_that_make_no_sense_are_rejected(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        drain_on_signals(**options)


async def test_an_application_handles_signals_from_its_start_to_its_end(received: list[int]) -> None:
    closed = []

    @asynccontextmanager
    async def lifespan(_: App) -> AsyncIterator[None]:
        yield
        closed.append(list(received))

    drain_on_signals()
    before = signal.getsignal(signal.SIGTERM)
    sent, receive = anyio.create_memory_object_stream[dict[str, Any]](1)
    started = anyio.Event()

    async def send(message: Any) -> None:
        if message["type"] == "lifespan.startup.complete":
            started.set()

    async with anyio.create_task_group() as group, sent, receive:
        await sent.send({"type": "lifespan.startup"})
        group.start_soon(App(lifespan=lifespan), {"type": "lifespan", "state": {}}, receive.receive, send)
        await started.wait()
        await until(lambda: signal.getsignal(signal.SIGTERM) != before)
        os.kill(os.getpid(), signal.SIGTERM)
        await until_stopping()
        await sent.send({"type": "lifespan.shutdown"})
    assert closed == [[signal.SIGTERM]]
    assert signal.getsignal(signal.SIGTERM) == before

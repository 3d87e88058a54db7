"""What threads use, and tasks leave: never closed while it is in use, never used after it was left, closed once."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from signette._thread_owned import ThreadOwned
from tests.timeouts import SECONDS


class Thing(ThreadOwned):
    """Notes what is done to it. `work` waits inside until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[str] = []
        self.is_inside, self.may_go_on = Event(), Event()

    def work(self, word: str = "worked") -> str:
        self.log.append(word)
        self.is_inside.set()
        assert self.may_go_on.wait(SECONDS)
        self.log.append("done")
        return word

    def fail(self) -> None:
        self.work("failed")
        raise OSError

    def close(self, word: str = "closed") -> str:
        self.log.append(word)
        return word


LEAVING: list[Callable[[Thing], object]] = [
    lambda thing: thing.leave(thing.close),
    lambda thing: thing.leave_soon(thing.close),
]
both_ways = pytest.mark.parametrize("leave", LEAVING, ids=["leave", "leave_soon"])


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
def thing() -> Thing:
    return Thing()


def test_use_and_leave_give_what_the_functions_return(thing: Thing) -> None:
    thing.may_go_on.set()
    assert thing.use(thing.work, "first") == "first"
    assert thing.use(thing.work, "second") == "second"
    assert thing.leave(thing.close, "closed") == "closed"


@both_ways
def test_what_was_left_is_not_used(thing: Thing, leave: Callable[[Thing], object]) -> None:
    leave(thing)
    assert thing.use(thing.work) is None
    assert thing.log == ["closed"]


@both_ways
@pytest.mark.parametrize("again", LEAVING, ids=["leave", "leave_soon"])
def test_it_is_closed_once(thing: Thing, leave: Callable[[Thing], object], again: Callable[[Thing], object]) -> None:
    leave(thing)
    assert again(thing) is None
    thing.use(thing.work)
    assert thing.log == ["closed"]


@pytest.mark.parametrize("method", ["work", "fail"])
def test_leave_waits_for_the_thread(thing: Thing, threads: ThreadPoolExecutor, method: str) -> None:
    using = threads.submit(thing.use, getattr(thing, method))
    assert thing.is_inside.wait(SECONDS)
    leaving = threads.submit(thing.leave, thing.close)
    assert not leaving.done()
    thing.may_go_on.set()
    assert leaving.result(SECONDS) == "closed"
    assert thing.log[-2:] == ["done", "closed"]
    assert outcome_of(using) == ("worked" if method == "work" else OSError)


@pytest.mark.parametrize("method", ["work", "fail"])
def test_leave_soon_lets_the_thread_close(thing: Thing, threads: ThreadPoolExecutor, method: str) -> None:
    using = threads.submit(thing.use, getattr(thing, method))
    assert thing.is_inside.wait(SECONDS)
    thing.leave_soon(thing.close)
    assert "closed" not in thing.log
    thing.may_go_on.set()
    assert outcome_of(using) == ("worked" if method == "work" else OSError)
    assert thing.log[-2:] == ["done", "closed"]


def test_a_thread_that_waits_for_another_does_nothing_if_it_is_left_meanwhile(
    thing: Thing, threads: ThreadPoolExecutor
) -> None:
    first = threads.submit(thing.use, thing.work, "first")
    assert thing.is_inside.wait(SECONDS)
    second = threads.submit(thing.use, thing.work, "second")
    thing.leave_soon(thing.close)
    thing.may_go_on.set()
    assert (first.result(SECONDS), second.result(SECONDS)) == ("first", None)
    assert thing.log == ["first", "done", "closed"]


def test_an_error_of_close_is_raised_where_it_is_closed(thing: Thing) -> None:
    def fails() -> None:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - it has no text
        thing.leave(fails)
    assert thing.leave(thing.close) is None
    assert thing.log == []


def outcome_of(future: Future[Any]) -> Any:
    error = future.exception(SECONDS)
    return future.result() if error is None else type(error)

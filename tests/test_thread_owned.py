"""Resources of worker threads: never closed while in use, never used after their release, closed once."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from signette._thread_owned import ThreadOwned
from tests.timeouts import SECONDS


class Thing(ThreadOwned):
    """Logs its calls. `work` waits until it may continue."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[str] = []
        self.is_inside, self.may_continue = Event(), Event()

    def work(self, word: str = "worked") -> str:
        self.log.append(word)
        self.is_inside.set()
        assert self.may_continue.wait(SECONDS)
        self.log.append("done")
        return word

    def fail(self) -> None:
        self.work("failed")
        raise OSError

    def close(self, word: str = "closed") -> str:
        self.log.append(word)
        return word


RELEASES: list[Callable[[Thing], object]] = [
    lambda thing: thing.release(thing.close),
    lambda thing: thing.release_soon(thing.close),
]
both_ways = pytest.mark.parametrize("release", RELEASES, ids=["release", "release_soon"])


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
def thing() -> Thing:
    return Thing()


def test_use_and_release_return_the_results_of_the_functions(thing: Thing) -> None:
    thing.may_continue.set()
    assert thing.use(thing.work, "first") == "first"
    assert thing.use(thing.work, "second") == "second"
    assert thing.release(thing.close, "closed") == "closed"


@both_ways
def test_a_released_resource_is_not_used(thing: Thing, release: Callable[[Thing], object]) -> None:
    release(thing)
    assert thing.use(thing.work) is None
    assert thing.log == ["closed"]


@both_ways
@pytest.mark.parametrize("again", RELEASES, ids=["release", "release_soon"])
def test_it_is_closed_once(thing: Thing, release: Callable[[Thing], object], again: Callable[[Thing], object]) -> None:
    release(thing)
    assert again(thing) is None
    thing.use(thing.work)
    assert thing.log == ["closed"]


@pytest.mark.parametrize("method", ["work", "fail"])
def test_release_waits_for_the_thread(thing: Thing, threads: ThreadPoolExecutor, method: str) -> None:
    using = threads.submit(thing.use, getattr(thing, method))
    assert thing.is_inside.wait(SECONDS)
    releasing = threads.submit(thing.release, thing.close)
    assert not releasing.done()
    thing.may_continue.set()
    assert releasing.result(SECONDS) == "closed"
    assert thing.log[-2:] == ["done", "closed"]
    assert outcome_of(using) == ("worked" if method == "work" else OSError)


@pytest.mark.parametrize("method", ["work", "fail"])
def test_release_soon_lets_the_thread_close(thing: Thing, threads: ThreadPoolExecutor, method: str) -> None:
    using = threads.submit(thing.use, getattr(thing, method))
    assert thing.is_inside.wait(SECONDS)
    thing.release_soon(thing.close)
    assert "closed" not in thing.log
    thing.may_continue.set()
    assert outcome_of(using) == ("worked" if method == "work" else OSError)
    assert thing.log[-2:] == ["done", "closed"]


def test_a_thread_that_waits_for_another_does_nothing_after_a_release(
    thing: Thing, threads: ThreadPoolExecutor
) -> None:
    first = threads.submit(thing.use, thing.work, "first")
    assert thing.is_inside.wait(SECONDS)
    second = threads.submit(thing.use, thing.work, "second")
    thing.release_soon(thing.close)
    thing.may_continue.set()
    assert (first.result(SECONDS), second.result(SECONDS)) == ("first", None)
    assert thing.log == ["first", "done", "closed"]


def test_an_error_of_close_is_raised_where_it_is_closed(thing: Thing) -> None:
    def fails() -> None:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - it has no text
        thing.release(fails)
    assert thing.release(thing.close) is None
    assert thing.log == []


def outcome_of(future: Future[Any]) -> Any:
    error = future.exception(SECONDS)
    return future.result() if error is None else type(error)

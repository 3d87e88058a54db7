"""`MemoryCounts`: the same counts as the storage of `limits`, bounded, and without threads."""

import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import parse
from limits.aio.strategies import STRATEGIES
from limits.storage import MemoryStorage
from limits.strategies import STRATEGIES as SYNC_STRATEGIES

from signette.declarative.policies.rate_counters import Ends, MemoryCounts

# Not whole seconds: whether a request at the very end of a window is in it differs.
STEPS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.013, 0.31, 0.97, 5.003, 19.7, 61.1]), st.integers(1, 2)), max_size=40
)


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that does not wait."""
    with pytest.raises(StopIteration) as stopped:
        coroutine.send(None)
    return stopped.value.value


@contextmanager
def set_time(now: list[float]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: now[0])
        patch.setattr(threading.Timer, "start", lambda timer: None)  # that of `limits`, which would run on
        yield


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
@given(
    limit=st.integers(1, 5),
    unit=st.sampled_from(["second", "3 seconds", "minute"]),
    start=st.floats(0, 60),
    steps=STEPS,
)
def test_the_counts_are_those_of_limits(
    strategy: str, limit: int, unit: str, start: float, steps: list[tuple[float, int]]
) -> None:
    now = [1_900_000_000.0 + start]
    item = parse(f"{limit}/{unit}")
    with set_time(now):
        own, other = STRATEGIES[strategy](MemoryCounts()), SYNC_STRATEGIES[strategy](MemoryStorage())
        for seconds, cost in steps:
            now[0] += seconds
            assert run(own.hit(item, "key", cost=cost)) == other.hit(item, "key", cost=cost)
            mine, theirs = run(own.get_window_stats(item, "key")), other.get_window_stats(item, "key")
            assert mine.remaining == theirs.remaining
            assert mine.reset_time == pytest.approx(theirs.reset_time)


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_expired_counts_are_forgotten_and_the_number_of_keys_is_bounded(strategy: str) -> None:
    now = [1_900_000_000.0]
    counts = MemoryCounts(max_keys=100, clock=lambda: now[0])
    limiter, item = STRATEGIES[strategy](counts), parse("1/second")
    with set_time(now):
        for number in range(1000):
            assert run(limiter.hit(item, str(number)))
        assert len(counts) == 100
        assert not run(limiter.hit(item, "999"))
        for number in range(200):
            now[0] += 3
            run(limiter.hit(item, str(number)))
        assert len(counts) <= 2


def test_clear_and_reset_forget() -> None:
    counts = MemoryCounts()
    for strategy in STRATEGIES.values():
        limiter, item = strategy(counts), parse("1/minute")
        assert (run(limiter.hit(item, "a")), run(limiter.hit(item, "a"))) == (True, False)
        run(limiter.clear(item, "a"))
        assert run(limiter.hit(item, "a"))
    run(counts.reset())
    assert (len(counts), run(counts.check()), counts.base_exceptions) == (0, True, ())


def test_the_ends_of_windows_are_remembered_for_a_limited_number_of_keys() -> None:
    ends = Ends(max_keys=2)
    for key, end in (("a", 1.0), ("b", 2.0), ("a", 3.0), ("c", 4.0)):
        ends.set(key, end)
    assert [ends.get(key) for key in "abc"] == [3.0, 0.0, 4.0]

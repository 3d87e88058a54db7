"""A value for each event loop."""

import copy
import gc
import pickle
import threading
from typing import Any
from weakref import ref

import anyio
import pytest

from signette._per_loop import PerLoop
from tests.timeouts import SECONDS


class Value:
    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments


async def test_a_loop_finds_the_value_that_it_has_made() -> None:
    values = PerLoop(Value)
    made = values.get()
    assert values.get() is made


async def test_the_value_is_made_of_the_arguments_of_the_first_call() -> None:
    def make(number: int) -> Value:
        return Value(number)

    values = PerLoop(make)
    assert values.get(1).arguments == (1,)
    assert values.get(2).arguments == (1,)


async def test_after_a_failure_the_value_is_made_again() -> None:
    values = PerLoop(int)
    with pytest.raises(ValueError, match="'no number'"):
        values.get("no number")
    assert values.get("7") == values.get() == 7


async def test_two_objects_have_values_of_their_own() -> None:
    assert PerLoop(Value).get() is not PerLoop(Value).get()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_each_event_loop_has_its_own_value(backend: str) -> None:
    values = PerLoop(Value)

    async def get() -> Value:
        return values.get()

    assert anyio.run(get, backend=backend) is not anyio.run(get, backend=backend)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_loops_at_the_same_time_have_values_of_their_own(backend: str) -> None:
    values, both_have_one, found = PerLoop(Value), threading.Barrier(2, timeout=SECONDS), []

    async def get() -> None:
        value = values.get()
        both_have_one.wait()
        assert values.get() is value
        found.append(value)

    threads = [threading.Thread(target=anyio.run, args=(get,), kwargs={"backend": backend}) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, second = found
    assert first is not second


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda values: pickle.loads(pickle.dumps(values))])
async def test_a_copy_makes_values_of_its_own(copied: Any) -> None:
    values = PerLoop(Value)
    value = values.get()
    another = copied(values).get()
    assert type(another) is Value
    assert another is not value


async def test_a_value_is_deleted_with_its_object() -> None:
    values = PerLoop(Value)
    value = ref(values.get())
    del values
    gc.collect()
    assert value() is None


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_value_is_deleted_with_its_event_loop(backend: str) -> None:
    values = PerLoop(Value)

    async def get() -> Any:
        return ref(values.get())

    value = anyio.run(get, backend=backend)
    gc.collect()
    assert value() is None

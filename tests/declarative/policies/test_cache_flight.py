from collections import Counter

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given, settings
from hypothesis import strategies as st

from signette.declarative.policies.cache_entry import CacheEntry, read_entry
from signette.declarative.policies.cache_flight import PASSES_SECONDS, Flight, FlightControl, Flights
from signette.declarative.policies.stored_response import StoredResponse
from signette.state.memory import MemoryStore

ENTRY = CacheEntry(StoredResponse(200, (), b"made"), 0.0, 60.0)
WAIT = 60.0


class Process:
    """The clients of one process, whose endpoint has these outcomes, one for each call."""

    def __init__(self, store, outcomes, wait=WAIT):
        self.store = store
        self.control = FlightControl(store, Flights(), wait)
        self.outcomes = outcomes
        self.calls = Counter()

    async def find(self):
        data = await self.store.get("key")
        return None if data is None else read_entry(data)

    async def request(self):
        """The response to one client: that of a flight, of the cache, or of a call for it alone."""
        if (entry := await self.find()) is not None:
            return entry.response.body
        found = await self.control.board("key", self.find)
        if isinstance(found, CacheEntry):
            return found.response.body
        outcome = self.outcomes.pop(0) if self.outcomes else "stored"
        self.calls[outcome] += 1
        await checkpoint()
        if found is None:
            return b"alone"
        if outcome == "stored":
            await self.store.set("key", ENTRY.to_bytes(), ttl=60.0)
            await self.control.land(found, ENTRY)
            return b"made"
        if outcome == "cancelled":
            await self.control.abandon(found)
            return b"cancelled"
        await self.control.let_pass(found, lasting=outcome == "private")
        return b"made"


class Slow(MemoryStore):
    """Each operation takes as many turns of the event loop as the list says."""

    def __init__(self, turns):
        super().__init__()
        self.turns = turns

    async def _wait(self):
        for _ in range(self.turns.pop() if self.turns else 0):
            await checkpoint()

    async def get(self, key):
        await self._wait()
        return await super().get(key)

    async def add(self, key, value, *, ttl=None):
        await self._wait()
        return await super().add(key, value, ttl=ttl)

    async def set(self, key, value, *, ttl=None):
        await super().set(key, value, ttl=ttl)
        await self._wait()

    async def delete(self, key, *, expected=None):
        await self._wait()
        return await super().delete(key, expected=expected)


def run_clients(processes, clients):
    responses = []

    async def main():
        with anyio.fail_after(60):
            async with anyio.create_task_group() as group:
                for number in range(clients):
                    group.start_soon(ask, processes[number % len(processes)])

    async def ask(process):
        responses.append(await process.request())

    anyio.run(main)
    return responses


def test_a_hundred_clients_of_three_processes_make_one_call():
    store = MemoryStore()
    processes = [Process(store, []) for _ in range(3)]
    assert run_clients(processes, 100) == [b"made"] * 100
    assert sum((process.calls for process in processes), Counter()) == {"stored": 1}


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 5), max_size=60),
    st.integers(1, 3),
    st.integers(1, 12),
    st.lists(st.sampled_from(["stored", "stored", "cancelled"]), max_size=4),
)
def test_in_any_order_one_call_is_stored_and_each_client_has_a_response(turns, count, clients, outcomes):
    store = Slow(turns)
    processes = [Process(store, outcomes) for _ in range(count)]
    responses = Counter(run_clients(processes, clients))
    calls = sum((process.calls for process in processes), Counter())
    assert calls["stored"] <= 1
    assert responses[b"made"] == clients - calls["cancelled"]
    assert responses[b"cancelled"] == calls["cancelled"]
    assert not any(len(process.control.flights) for process in processes)
    store.turns.clear()
    assert anyio.run(store.get, "lock:key") is None


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 5), max_size=60),
    st.integers(1, 3),
    st.integers(1, 12),
    st.lists(st.sampled_from(["stored", "cancelled", "failed", "private"]), max_size=12),
)
def test_whatever_responses_are_no_client_waits_for_ever(turns, count, clients, outcomes):
    processes = [Process(Slow(turns), outcomes) for _ in range(count)]
    assert len(run_clients(processes, clients)) == clients
    assert not any(len(process.control.flights) for process in processes)


def test_after_a_private_response_no_request_waits_for_another():
    store = MemoryStore()
    process = Process(store, ["private"])
    assert run_clients([process], 5) == [b"made"] + [b"alone"] * 4
    other = Process(store, ["stored"] * 5)
    assert run_clients([other], 5) == [b"alone"] * 5
    assert PASSES_SECONDS < WAIT


@pytest.mark.anyio
async def test_waiting_for_a_crashed_process_ends():
    store = MemoryStore()
    await store.add("lock:key", b"crashed")
    process = Process(store, [], wait=0.01)
    with anyio.fail_after(60):
        assert await process.request() == b"alone"
    assert len(process.control.flights) == 0


@pytest.mark.anyio
async def test_waiting_for_a_slow_request_of_this_process_ends():
    process = Process(MemoryStore(), [], wait=0.01)
    flight = await process.control.board("key", process.find)
    assert isinstance(flight, Flight)
    with anyio.fail_after(60):
        assert await process.request() == b"alone"
    await process.control.abandon(flight)


@pytest.mark.anyio
async def test_the_lock_of_another_request_is_not_removed():
    store = MemoryStore()
    control = FlightControl(store, Flights(), WAIT)
    flight = await control.begin_alone("key")
    await store.set("lock:key", b"another")
    await control.abandon(flight)
    assert await store.get("lock:key") == b"another"


@pytest.mark.anyio
async def test_one_request_replaces_a_stale_entry():
    store = MemoryStore()
    one, other = (FlightControl(store, Flights(), WAIT) for _ in range(2))
    flight = await one.begin_alone("key")
    assert await one.begin_alone("key") is None
    assert await other.begin_alone("key") is None
    await one.abandon(flight)
    assert await other.begin_alone("key") is not None
    assert len(one.flights) == 0


@pytest.mark.anyio
async def test_a_cancelled_request_lets_the_next_one_go():
    store = Slow([10_000, 0])
    process = Process(store, [])
    with anyio.move_on_after(60):
        async with anyio.create_task_group() as group:
            group.start_soon(process.request)
            await checkpoint()
            await checkpoint()
            group.cancel_scope.cancel()
    store.turns.clear()
    assert len(process.control.flights) == 0
    assert await process.request() == b"made"

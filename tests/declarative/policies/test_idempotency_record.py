import anyio
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from signette.declarative.policies.body_digest import BodyDigest
from signette.declarative.policies.idempotency_record import Completed, Lease, Running, claim, read_record
from signette.declarative.policies.stored_response import StoredResponse, pack
from signette.state.memory import MemoryStore

LEASE, TTL = 10.0, 100.0
BODY = BodyDigest(2, "aa", True)
RESPONSE = StoredResponse(201, ((b"x-id", b"1"),), b"created")


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.mark.anyio
async def test_a_repetition_finds_what_the_first_request_has_stored():
    store = MemoryStore()
    lease = await claim(store, "k", "head", lease=LEASE)
    assert isinstance(lease, Lease)
    assert await claim(store, "k", "other", lease=LEASE) == Running("head")
    assert await lease.complete(BODY, 201, RESPONSE, ttl=TTL)
    assert await claim(store, "k", "other", lease=LEASE) == Completed("head", BODY, 201, RESPONSE)


@pytest.mark.anyio
async def test_a_response_that_is_too_large_leaves_its_status():
    store = MemoryStore()
    lease = await claim(store, "k", "head", lease=LEASE)
    assert await lease.complete(BODY, 201, None, ttl=TTL)
    assert await claim(store, "k", "head", lease=LEASE) == Completed("head", BODY, 201, None)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"junk",
        b'{"version":2,"completed":200}',
        pack({}),
        pack({"completed": 200}),
        pack({"completed": 1, "head": "", "body": 1}),
    ],
)
def test_a_record_that_cannot_be_read_is_a_running_request(data):
    assert read_record(data) == Running("")


class Vanishing(MemoryStore):
    """Loses each value before it is read."""

    async def add(self, key, value, *, ttl=None):
        return False


@pytest.mark.anyio
async def test_a_store_that_loses_its_values_does_not_keep_a_request_waiting():
    assert await claim(Vanishing(), "k", "head", lease=LEASE) == Running("head")


class Requests(RuleBasedStateMachine):
    """Requests with one key that run, stall, complete, fail and crash; at most one with the lease at a time."""

    def __init__(self):
        super().__init__()
        self.clock = Clock()
        self.store = MemoryStore(clock=self.clock)
        self.leases = []
        self.owner, self.deadline, self.completed = None, 0.0, None

    def call(self, function, *args, **options):
        async def run():
            return await function(*args, **options)

        return anyio.run(run)

    @property
    def current(self):
        """The record that must be there: the owner's lease, the completed number, or None."""
        return (self.owner, self.completed) if self.clock.now < self.deadline else (None, None)

    @rule()
    def request(self):
        found = self.call(claim, self.store, "k", "head", lease=LEASE)
        owner, completed = self.current
        if completed is not None:
            assert isinstance(found, Completed)
            assert found.status == completed
        elif owner is not None:
            assert found == Running("head")
        else:
            assert isinstance(found, Lease)
            self.leases.append(found)
            self.owner, self.completed, self.deadline = found, None, self.clock.now + LEASE

    def _of(self, number):
        return self.leases[number % len(self.leases)] if self.leases else None

    @rule(number=st.integers(0, 5))
    def renew(self, number):
        if (lease := self._of(number)) is None:
            return
        is_owner = self.current == (lease, None)
        assert self.call(lease.renew) == is_owner
        if is_owner:
            self.deadline = self.clock.now + LEASE

    @rule(number=st.integers(0, 5), status=st.integers(200, 499))
    def complete(self, number, status):
        if (lease := self._of(number)) is None:
            return
        is_owner = self.current == (lease, None)
        assert self.call(lease.complete, BODY, status, RESPONSE, ttl=TTL) == is_owner
        if is_owner:
            self.owner, self.completed, self.deadline = None, status, self.clock.now + TTL

    @rule(number=st.integers(0, 5))
    def release(self, number):
        if (lease := self._of(number)) is None:
            return
        is_owner = self.current == (lease, None)
        assert self.call(lease.release) == is_owner
        if is_owner:
            self.owner = None
            self.deadline = 0.0

    @rule(seconds=st.sampled_from([1.0, LEASE / 2, LEASE, TTL]))
    def time_passes(self, seconds):
        self.clock.now += seconds

    @invariant()
    def the_store_has_at_most_one_record(self):
        owner, completed = self.current
        assert len(self.store) == (owner is not None or completed is not None)


Requests.TestCase.settings = settings(max_examples=60, stateful_step_count=15)
TestRequests = Requests.TestCase

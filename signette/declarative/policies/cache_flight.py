"""Single flight: of many requests for one missing entry, one calls the endpoint and the others wait for its response.

Theory of operation. Two stages. In a process, the first request for a key makes a `Flight` and the others wait for it.
Among processes, the first of each takes a lock in the store (set-if-absent, with a token and an expiry), or looks for
the entry of another process until it is there. After the lock is taken the entry is looked for once more, because it
may have been stored in between. Waiting ends after `wait` seconds: then a request calls the endpoint itself, and a lock
of a process that has crashed has expired.

A flight ends with an entry, which all who wait use; as "passed", if the response may not be stored, so that all who
wait call the endpoint at once instead of one after another; or as abandoned, if its request was cancelled: then one of
those who wait is the next.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import field

import anyio

from signette._dataclasses import dataclass
from signette.declarative.policies.cache_entry import CacheEntry
from signette.state.store import Store
from signette.state.unavailable import StateUnavailable

Find = Callable[[], Awaitable[CacheEntry | None]]

_PREFIX = "lock:"
_PASSES = b"passes"
# For how long requests do not wait for each other after a response that may not be stored.
PASSES_SECONDS = 2.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.1


@dataclass(eq=False, slots=True)
class Flight:
    """The call of an endpoint for a key, which other requests of this process wait for."""

    flights: "Flights"
    key: str
    token: bytes | None = None
    """The value of the lock in the store. None: another process has it, or the store was not asked."""
    entry: CacheEntry | None = None
    passed: bool = False
    error: StateUnavailable | None = None
    """The state engine could not be used. Those who wait do not try it again one after another."""
    _over: anyio.Event = field(default_factory=anyio.Event)

    async def wait(self) -> None:
        await self._over.wait()

    def end(
        self, entry: CacheEntry | None = None, *, passed: bool = False, error: StateUnavailable | None = None
    ) -> None:
        """Let the requests of this process that wait go on."""
        if self._over.is_set():
            return
        self.entry, self.passed, self.error = entry, passed, error
        self.flights.remove(self)
        self._over.set()


class Flights:
    """The flights of one event loop, by key."""

    def __init__(self) -> None:
        self._by_key: dict[str, Flight] = {}

    def get(self, key: str) -> Flight | None:
        return self._by_key.get(key)

    def begin(self, key: str) -> Flight:
        """The flight of a key that has none."""
        flight = self._by_key[key] = Flight(self, key)
        return flight

    def remove(self, flight: Flight) -> None:
        if self._by_key.get(flight.key) is flight:
            del self._by_key[flight.key]

    def __len__(self) -> int:
        return len(self._by_key)


@dataclass(frozen=True, slots=True)
class FlightControl:
    """Decides for each request that found no entry: call the endpoint, or use the entry of another request."""

    store: Store
    flights: Flights
    wait: float
    """For how many seconds a request waits at most."""

    async def board(self, key: str, find: Find) -> Flight | CacheEntry | None:
        """A flight, whose request calls the endpoint and then ends it; or the entry of another request.

        `None`: the request calls the endpoint, and has nothing to end. Raises StateUnavailable.
        """
        with anyio.move_on_after(self.wait):
            while (flight := self.flights.get(key)) is not None:
                await flight.wait()
                if flight.entry is not None:
                    return flight.entry
                if flight.error is not None:
                    raise StateUnavailable(*flight.error.args) from flight.error
                if flight.passed:
                    return None
        if self.flights.get(key) is not None:
            return None
        flight = self.flights.begin(key)
        try:
            entry = await self._lock(flight, find)
        except BaseException as exc:
            flight.end(error=exc if isinstance(exc, StateUnavailable) else None)
            raise
        if entry is not None:
            flight.end(entry)
            return entry
        if flight.token is None:
            flight.end(passed=True)
            return None
        return flight

    async def begin_alone(self, key: str) -> Flight | None:
        """A flight to replace a stale entry; `None` if another request replaces it. Raises StateUnavailable."""
        if self.flights.get(key) is not None:
            return None
        flight = self.flights.begin(key)
        try:
            await self._take(flight)
        except BaseException:
            flight.end()
            raise
        if flight.token is None:
            flight.end()
            return None
        return flight

    async def land(self, flight: Flight, entry: CacheEntry) -> None:
        """End a flight whose entry is stored. Raises StateUnavailable."""
        flight.end(entry)
        await self._unlock(flight)

    async def abandon(self, flight: Flight) -> None:
        """End a flight whose request was cancelled or has failed. Raises StateUnavailable."""
        flight.end()
        await self._unlock(flight)

    async def let_pass(self, flight: Flight, *, lasting: bool) -> None:
        """End a flight whose response may not be stored. Raises StateUnavailable.

        `lasting`: the next responses may not be stored either, so requests of all processes stop waiting for a while.
        """
        flight.end(passed=True)
        if lasting and flight.token is not None:
            await self.store.replace(_PREFIX + flight.key, flight.token, _PASSES, ttl=PASSES_SECONDS)
        else:
            await self._unlock(flight)

    async def _unlock(self, flight: Flight) -> None:
        if flight.token is not None:
            await self.store.delete(_PREFIX + flight.key, expected=flight.token)

    async def _take(self, flight: Flight) -> None:
        token = secrets.token_hex(12).encode()
        if await self.store.add(_PREFIX + flight.key, token, ttl=self.wait):
            flight.token = token

    async def _lock(self, flight: Flight, find: Find) -> CacheEntry | None:
        """Take the lock, or find the entry that the process with the lock has stored."""
        pause = _FIRST_PAUSE
        with anyio.move_on_after(self.wait):
            while True:
                await self._take(flight)
                if (entry := await find()) is not None:
                    with anyio.CancelScope(shield=True):
                        await self._unlock(flight)
                    return entry
                if flight.token is not None or await self.store.get(_PREFIX + flight.key) == _PASSES:
                    return None
                await anyio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        return None

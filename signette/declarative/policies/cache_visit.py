"""One request to an operation with `Cached`: what its guard finds, and what becomes of its response."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, ClassVar

import anyio

from signette._dataclasses import dataclass
from signette._per_loop import PerLoop
from signette._scope_keys import CACHING
from signette.datastructures.headers import Field
from signette.declarative.policies.cache_entry import CacheEntry, read_entry
from signette.declarative.policies.cache_flight import Flight, FlightControl, Flights
from signette.declarative.policies.cache_headers import (
    NO_DIRECTIVES,
    cache_control,
    fresh_seconds,
    is_storable,
    request_directives,
    response_directives,
    selected,
    with_cache_headers,
    with_etag,
)
from signette.declarative.policies.cache_key import Variation
from signette.declarative.policies.cache_tags import CacheTags
from signette.declarative.policies.caller import caller_key
from signette.declarative.policies.exchange import CallNext, Exchange, PolicyValue
from signette.declarative.policies.outage import ServiceUnavailable
from signette.declarative.policies.response_recorder import ResponseRecorder, hide_file_reads
from signette.declarative.policies.stored_response import StoredResponse, as_response
from signette.exceptions import HTTPException
from signette.responses.plain import Response
from signette.state.store import Store
from signette.state.unavailable import StateUnavailable
from signette.types import Message, Receive, Send

_log = logging.getLogger("signette.policies")

_ENTRY = "entry:"
# Requests with one of these have a condition or a range that the endpoint has to evaluate (RFC 9110 §13.1, §14.2).
_NOT_CACHED = frozenset({b"range", b"if-match", b"if-unmodified-since"})
# For how long a request that ends, or is cancelled, waits for the store.
_STORE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class OpenCache:
    """What requests of an application share."""

    store: Store
    flights: PerLoop[Flights]
    clock: Callable[[], float]
    """Seconds since 1970."""


class CacheState(PolicyValue):
    """What an endpoint may decide about its cached response, as a parameter: `state: CacheState`."""

    is_same_for_all: ClassVar[bool] = True

    def __init__(self, visit: "CacheVisit") -> None:
        self._visit = visit

    async def tag(self, *tags: str) -> None:
        """Add tags to the response, for `Cache.invalidate`. Call it before you read the data of the response."""
        await self._visit.add_tags(tags)

    def skip(self) -> None:
        """Do not store this response."""
        self._visit.skips = True


class CacheVisit:
    """One request, from its guard to the end of its response."""

    def __init__(self, policy: Any, exchange: Exchange, variation: Variation) -> None:
        self.policy = policy
        self.exchange = exchange
        self.variation = variation
        self.opened: OpenCache = exchange.opened(policy)
        self.tags = CacheTags(self.opened.store)
        self.fields: list[Field] = exchange.scope["headers"]
        self.sent = dict(self.fields)
        """The names of the request's header fields, each with its last value."""
        self.asked = request_directives(self.fields) if b"cache-control" in self.sent else NO_DIRECTIVES
        self.key = ""
        self.is_hit = False
        self.skips = False
        self.stores = False
        """The response is stored, if it may be."""
        self.flight: Flight | None = None
        self.replacing: Flight | None = None
        """The response was stale, and this flight replaces its entry."""
        self.names: tuple[str, ...] = ()
        self.versions: dict[str, str] = {}

    # -- the guard -----------------------------------------------------------------------------------------------------

    async def begin(self, caller: Any, path: Mapping[str, str]) -> Response | None:
        """The stored response, if there is one for this request.

        Raises HTTPException 504 if nothing is stored, and the client asks for a stored response only.
        """
        response = await self._begin(caller, path)
        if response is None and self.asked.only_if_cached:
            raise HTTPException(504, "no stored response for `Cache-Control: only-if-cached`")
        return response

    async def _begin(self, caller: Any, path: Mapping[str, str]) -> Response | None:
        if self.stores or self.policy.private or self.asked.no_store or not _NOT_CACHED.isdisjoint(self.sent):
            return None
        plan, scope = self.exchange.plan, self.exchange.scope
        self.key = self.variation.key(scope, f"{plan.path} {plan.where.name}", caller_key(caller))
        self.names = tuple(tag.format_map(path) for tag in self.policy.tags)
        try:
            entry = await self._find(scope["method"] == "GET")
        except StateUnavailable as exc:
            self.stores = False
            self.exchange.failed(self.policy, exc)
            return None
        if entry is None:
            return None
        self.is_hit = True
        age = b"%d" % entry.age(self.opened.clock())
        return as_response(selected(entry.response.with_headers((b"age", age)), self.fields))

    async def _find(self, is_get: bool) -> CacheEntry | None:
        if not self.asked.refresh:
            if (entry := await self._entry(stale=True)) is not None:
                if self._is_stale(entry) and is_get and not self.asked.only_if_cached:
                    self.replacing = await self._control().begin_alone(self.key)
                return entry
            if not is_get or self.asked.only_if_cached:
                return None
            found = await self._control().board(self.key, self._entry)
            if not isinstance(found, Flight):
                return found
            self.flight = found
        if self.asked.only_if_cached:
            return None
        self.stores = is_get
        if is_get:
            self.exchange.scope[CACHING] = True
        await self._note_versions()
        return None

    async def _entry(self, *, stale: bool = False) -> CacheEntry | None:
        """The entry of the request, if it is fresh; with `stale=True`, also one that may be replaced later."""
        data = await self.opened.store.get(_ENTRY + self.key)
        entry = None if data is None else read_entry(data)
        if entry is None or (self._is_stale(entry) and not stale):
            return None
        age = entry.age(self.opened.clock())
        if age >= entry.lifetime or (self.asked.max_age is not None and age > self.asked.max_age):
            return None
        return entry if await self.tags.are_current(entry.tags) else None

    def _is_stale(self, entry: CacheEntry) -> bool:
        return entry.age(self.opened.clock()) >= entry.fresh_for

    async def _note_versions(self) -> None:
        self.versions = await self.tags.versions(self.names, self.policy.max_age + self.policy.stale_while_revalidate)

    async def add_tags(self, tags: tuple[str, ...]) -> None:
        """Add tags while the endpoint runs."""
        if not self.stores:
            return
        try:
            self.versions |= await self.tags.versions(tags, self.policy.max_age + self.policy.stale_while_revalidate)
        except StateUnavailable as exc:
            self.skips = True
            self.exchange.failed(self.policy, exc)

    def _control(self) -> FlightControl:
        return FlightControl(self.opened.store, self.opened.flights.get(), self.policy.wait)

    # -- the response --------------------------------------------------------------------------------------------------

    async def run(self, receive: Receive, send: Send, call_next: CallNext) -> None:
        """Run the request; after a stale response, run it again to replace the entry."""
        self.exchange.set(CacheState(self))
        hide_file_reads(self.exchange.scope)
        try:
            await call_next(receive, self._recorder(send).send)
        except BaseException:
            await self._abandon(self.replacing)
            raise
        finally:
            await self._abandon(self.flight)
        if self.replacing is not None:
            await self._replace(call_next)

    def _recorder(self, send: Send) -> ResponseRecorder:
        if self.exchange.scope["method"] == "HEAD":
            send = self._with_headers(send)
        return ResponseRecorder(
            send, self.policy.max_bytes, completed=self._completed, passing=self._passing, wants=self._wants
        )

    def _wants(self, start: Message) -> bool:
        """Whether the response that starts gets validators, and is stored."""
        return self.exchange.scope["method"] == "GET" and self._is_cacheable(start)

    def _is_cacheable(self, start: Message) -> bool:
        if self.is_hit or self.skips or start["status"] not in self.policy.statuses:
            return False
        fields = [(name.lower(), value) for name, value in start.get("headers", ())]
        return is_storable(fields, self.variation.vary) and fresh_seconds(fields, self.policy.max_age) > 0

    def _fields(self, fields: Any) -> list[Field]:
        policy = self.policy
        is_private = bool(policy.private) or policy.by is not None or self.variation.has_hidden_credentials
        control = cache_control(policy.max_age, policy.stale_while_revalidate, private=is_private)
        return with_cache_headers(fields, control, self.variation.vary)

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and self._is_cacheable(message):
                message = {**message, "headers": self._fields(message.get("headers", ()))}
            await send(message)

        return sending

    async def _passing(self, status: int) -> None:
        """Let requests go on that wait for a response which is not stored."""
        flight, self.flight = self.flight, None
        if flight is not None:
            with suppress(StateUnavailable):
                await self._control().let_pass(flight, lasting=status in self.policy.statuses)

    async def _completed(self, response: StoredResponse) -> StoredResponse:
        # Before it gets a `max-age`, which has whole seconds.
        fresh_for = fresh_seconds(response.headers, self.policy.max_age)
        response = with_etag(StoredResponse(response.status, tuple(self._fields(response.headers)), response.body))
        if self.stores:
            await self._store(response, fresh_for)
        return selected(response, self.fields)

    async def _store(self, response: StoredResponse, fresh_for: float) -> None:
        policy = self.policy
        must_revalidate = "must-revalidate" in response_directives(response.headers)
        entry = CacheEntry(
            response,
            self.opened.clock(),
            fresh_for,
            0 if must_revalidate else policy.stale_while_revalidate,
            self.versions,
        )
        flight, self.flight = self.flight, None
        try:
            await self.opened.store.set(_ENTRY + self.key, entry.to_bytes(), ttl=entry.lifetime)
            if flight is not None:
                await self._control().land(flight, entry)
            # Only here: an engine that is full, or accepts no writes, can still be read.
            self.exchange.recovered(policy)
        except StateUnavailable as exc:
            if flight is not None:
                # An engine that is full still deletes: without that, requests would wait until the lock expires.
                with anyio.move_on_after(_STORE_SECONDS, shield=True), suppress(StateUnavailable):
                    await self._control().land(flight, entry)
            # There is a response, so it is sent in any case.
            with suppress(ServiceUnavailable):
                self.exchange.failed(policy, exc)
        finally:
            if flight is not None:
                flight.end(entry)

    async def _abandon(self, flight: Flight | None) -> None:
        """End a flight whose request has no response."""
        if flight is not None:
            with anyio.move_on_after(_STORE_SECONDS, shield=True), suppress(StateUnavailable):
                await self._control().abandon(flight)

    async def _replace(self, call_next: CallNext) -> None:
        """Run the request again, without a client, and store the response."""
        exchange = self.exchange
        second = exchange.memo[self.policy] = CacheVisit(self.policy, exchange, self.variation)
        second.key, second.names, second.stores, second.flight = self.key, self.names, True, self.replacing
        exchange.set(CacheState(second))
        try:
            await second._note_versions()
            await call_next(_receive_nothing(), second._recorder(_drop).send)
        except StateUnavailable as exc:
            with suppress(ServiceUnavailable):
                exchange.failed(self.policy, exc)
        except Exception:  # noqa: BLE001 - there is no client that could get it
            _log.exception("a stale response was not replaced, as the endpoint has failed")
        finally:
            await self._abandon(second.flight)


def _receive_nothing() -> Receive:
    """A `receive` of a request without a body, whose client stays."""
    is_read = False

    async def receive() -> Message:
        nonlocal is_read
        if is_read:
            await anyio.sleep_forever()
        is_read = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


async def _drop(message: Message) -> None:
    """Send nothing."""

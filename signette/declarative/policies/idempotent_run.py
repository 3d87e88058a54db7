"""One request with an idempotency key: claim, lease, comparison with the first request, and completion."""

import logging
from contextlib import suppress
from typing import Any

import anyio

from signette._http.conditional import PRECONDITIONS
from signette.declarative.policies.body_digest import HashedReceive, digest_of, has_digest
from signette.declarative.policies.caller import caller_key
from signette.declarative.policies.exchange import Exchange
from signette.declarative.policies.idempotency_problems import (
    IdempotencyKeyInUse,
    IdempotencyKeyMalformed,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    IdempotentResponseNotStored,
)
from signette.declarative.policies.idempotency_record import Completed, Lease, Running, claim
from signette.declarative.policies.outage import ServiceUnavailable
from signette.declarative.policies.stored_response import StoredResponse, as_response
from signette.paths import as_sent
from signette.responses.plain import Response
from signette.state.unavailable import StateUnavailable
from signette.types import Message, Scope

_log = logging.getLogger("signette.policies")

REPLAYED_HEADER = "Idempotent-Replayed"
# For how long a request that ends, or is cancelled, waits for the store.
_STORE_SECONDS = 5.0


class IdempotentRun:
    """One request with an idempotency key."""

    def __init__(
        self, policy: Any, exchange: Exchange, receive: HashedReceive, key: str | None, *, is_sent: bool
    ) -> None:
        self.policy = policy
        self.exchange = exchange
        self.receive = receive
        self.key = key
        self.is_sent = is_sent
        self.lease: Lease | None = None
        self.claimed = anyio.Event()

    async def begin(self, caller: Any) -> Response | None:
        """Claim the key. The response of the first request with it, if that has completed.

        Raises a problem for a request that may not run.
        """
        if self.key is None:
            if self.is_sent:
                raise IdempotencyKeyMalformed
            if self.policy.required:
                raise IdempotencyKeyMissing
            return None
        scope = self.exchange.scope
        negotiation = self.exchange.plan.reply.negotiation
        head = digest_of(
            scope["method"].encode(),
            # The hosts of several customers may have users with the same id.
            *(value.lower() for name, value in scope["headers"] if name == b"host"),
            as_sent(scope["path"], scope).encode("utf-8", "surrogatepass"),
            scope.get("query_string", b""),
            # The stored response has the format of the first request.
            *(() if negotiation is None else (negotiation.name(scope).encode("latin-1"),)),
            *(_preconditions_of(scope) if _checks_preconditions(self.exchange.plan) else ()),
        )
        try:
            found = await claim(
                self.exchange.opened(self.policy), self._store_key(caller), head, lease=self.policy.lease
            )
        except StateUnavailable as exc:
            self.exchange.failed(self.policy, exc)
            return None
        self.exchange.recovered(self.policy)
        if isinstance(found, Lease):
            self.lease = found
            self.claimed.set()
            return None
        if found.head and found.head != head:
            raise IdempotencyKeyReused
        return await self._repeat(found)

    async def _repeat(self, found: Running | Completed) -> Response:
        if isinstance(found, Running):
            raise IdempotencyKeyInUse
        if not await has_digest(self.receive, found.body):
            raise IdempotencyKeyReused
        if found.response is None:
            raise IdempotentResponseNotStored(completed_status=found.status)
        return as_response(found.response.with_headers((REPLAYED_HEADER.lower().encode(), b"true")))

    def _store_key(self, caller: Any) -> str:
        """The key of the record: one for each operation, caller and idempotency key."""
        plan, scope = self.exchange.plan, self.exchange.scope
        operation = f"{scope.get('root_path', '')}\n{'/'.join(plan.methods)} {plan.path} {plan.where.name}"
        assert self.key is not None
        return digest_of(operation.encode("utf-8", "surrogatepass"), caller_key(caller), self.key.encode())

    def wants(self, start: Message) -> bool:
        """Whether the response that starts is kept."""
        return self.lease is not None and self.policy.stores(start["status"])

    async def complete(self, response: StoredResponse) -> StoredResponse:
        """Store the response, before it is sent."""
        await self._complete(response.status, response)
        return response

    async def complete_unstored(self, status: int) -> None:
        """Note that the request has completed with a response that is too large to be stored."""
        if self.lease is not None and self.policy.stores(status):
            await self._complete(status, None)

    async def _complete(self, status: int, response: StoredResponse | None) -> None:
        lease, self.lease = self.lease, None
        assert lease is not None
        completed = False
        try:
            # Shielded: the request has had its effects, so a repetition must find that it has run.
            with anyio.move_on_after(_STORE_SECONDS, shield=True):
                completed = await lease.complete(self.receive.digest, status, response, ttl=self.policy.ttl)
        except StateUnavailable as exc:
            # The request has run, so its response is sent in any case.
            with suppress(ServiceUnavailable):
                self.exchange.failed(self.policy, exc)
            return
        if not completed:
            _log.error("the lease of an idempotent request was lost while it ran: its response is not stored")

    async def keep_lease(self) -> None:
        """Renew the lease for as long as the request runs."""
        await self.claimed.wait()
        while True:
            await anyio.sleep(self.policy.lease / 3)
            if (lease := self.lease) is not None:
                with suppress(StateUnavailable):  # noted when the request completes
                    await lease.renew()

    async def release(self) -> None:
        """Let the next request with the key run, if this one has stored no response."""
        lease, self.lease = self.lease, None
        if lease is None:
            return
        with anyio.move_on_after(_STORE_SECONDS, shield=True), suppress(StateUnavailable):
            await lease.release()


_PRECONDITIONS = frozenset(name.encode() for name in PRECONDITIONS)


def _checks_preconditions(plan: Any) -> bool:
    """Whether the endpoint changes another version than that of the same request with other preconditions."""
    return any(read.source.place.endswith("preconditions") for read in plan.reads)


def _preconditions_of(scope: Scope) -> list[bytes]:
    """The fields with preconditions, as one text each."""
    return [name + b":" + value for name, value in scope["headers"] if name in _PRECONDITIONS]

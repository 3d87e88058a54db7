"""The laws of policies: `Idempotent`, `RateLimit` and `Deprecated`."""

import re
from collections.abc import Iterable
from typing import ClassVar

import anyio

from signette.declarative.policies.base import Policy
from signette.declarative.policies.deprecated import Deprecated
from signette.declarative.policies.idempotent import Idempotent
from signette.declarative.policies.rate_limit import RateLimit
from signette.prove.law import Exchange, Law, ProvedOperation, Request, Send, Violation, describe_status
from signette.prove.laws.effects import Readers
from signette.prove.laws.requests import with_query


class PolicyLaw(Law):
    """A law of a policy."""

    policy: ClassVar[type[Policy]]
    """The class of the policies that it is about."""

    def applies(self, operation: ProvedOperation) -> bool:
        return any(isinstance(each, self.policy) for each in operation.policies)


# A store that outlives the application may have the keys of earlier runs.
MOST_KEYS = 40
_USED = {409, 422}


class IdempotencyKeys(PolicyLaw):
    """draft-ietf-httpapi-idempotency-key-header section 2."""

    name = "idempotency-key"
    summary = "Requests with the same `Idempotency-Key` run once, also at the same time, and the response is repeated"
    policy = Idempotent
    most = 3

    def __init__(self) -> None:
        self._used = 0
        self._readers = Readers()

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.is_success

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        first = await self._with_new_key(exchange.request, send)
        if not first.is_success:
            return []
        keyed = first.request
        second = await send(keyed)
        if (second.status, second.body) != (first.status, first.body):
            message = "a repetition with the same `Idempotency-Key` has another response"
            return [self.violation(operation, message, first, second)]
        found = []
        if second.header("Idempotent-Replayed") != "true":
            message = "a repetition with the same `Idempotency-Key` runs again: it lacks `Idempotent-Replayed: true`"
            found.append(self.violation(operation, message, first, second))
        if effect := await self._readers.effect_of(operation, keyed, send):
            message = f"a repetition with the same `Idempotency-Key` changes what {effect.reader} responds"
            found.append(self.violation(operation, message, *effect.exchanges))
        other = await send(with_query(keyed, "prove", "another-request"))
        if other.is_success:
            message = "another request with a used `Idempotency-Key` is accepted, not a 422"
            found.append(self.violation(operation, message, first, other))
        found += await self._at_the_same_time(operation, exchange.request, send)
        return [*found, *await self._without_key(operation, keyed.without_header("Idempotency-Key"), send)]

    async def _with_new_key(self, request: Request, send: Send) -> Exchange:
        """The response to the request with a key that was not used before, also not by an earlier run."""
        while True:
            self._used += 1
            first = await send(request.with_header("Idempotency-Key", f"prove-{self._used}"))
            is_used = first.status in _USED or first.header("Idempotent-Replayed") is not None
            if not is_used or self._used >= MOST_KEYS:
                return first

    async def _at_the_same_time(self, operation: ProvedOperation, request: Request, send: Send) -> list[Violation]:
        self._used += 1
        keyed = request.with_header("Idempotency-Key", f"prove-{self._used}")
        exchanges: list[Exchange] = []

        async def note() -> None:
            exchanges.append(await send(keyed))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(note)
            tasks.start_soon(note)
        if all(each.is_success and each.header("Idempotent-Replayed") is None for each in exchanges):
            message = "two requests at the same time with one `Idempotency-Key` both run"
            return [self.violation(operation, message, *exchanges)]
        return []

    async def _without_key(self, operation: ProvedOperation, request: Request, send: Send) -> list[Violation]:
        if not any(isinstance(each, Idempotent) and each.required for each in operation.policies):
            return []
        bare = await send(request)
        if not bare.is_success:
            return []
        return [self.violation(operation, "a request without the required `Idempotency-Key` is accepted", bare)]


_REMAINING = re.compile(r'("[^"]*");r=(\d+);t=(\d+)')


class RateLimits(PolicyLaw):
    """draft-ietf-httpapi-ratelimit-headers, RFC 6585 section 4."""

    name = "rate-limit"
    summary = "Responses have `RateLimit` and `RateLimit-Policy`, each request counts, and a 429 has `Retry-After`"
    policy = RateLimit
    most = 3

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.is_success or exchange.status == 429

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        if exchange.status == 429:
            if exchange.header("Retry-After") is None:
                return [self.violation(operation, "a 429 has no header `Retry-After`", exchange)]
            return []
        missing = [name for name in ("RateLimit", "RateLimit-Policy") if exchange.header(name) is None]
        if missing:
            return [self.violation(operation, f"the response has no header `{name}`", exchange) for name in missing]
        first, second = await send(exchange.request), await send(exchange.request)
        before, after = _remaining(first), _remaining(second)
        counted = [name for name, (left, reset) in before.items() if name in after and after[name][1] <= reset]
        if counted and all(before[name][0] > 0 and after[name][0] >= before[name][0] for name in counted):
            return [self.violation(operation, "a request does not count: `RateLimit` stays as it is", first, second)]
        return []


def _remaining(exchange: Exchange) -> dict[str, tuple[int, int]]:
    """What is left of each window, and the seconds to its end."""
    value = ", ".join(exchange.header_values("RateLimit"))
    return {name: (int(left), int(reset)) for name, left, reset in _REMAINING.findall(value)}


class Deprecation(PolicyLaw):
    """RFC 9745, RFC 8594, RFC 5829."""

    name = "deprecation"
    summary = "Each response of a deprecated operation has the declared `Deprecation`, `Sunset` and `Link`"
    policy = Deprecated

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.status is not None and exchange.status < 500

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        declared = [field for each in operation.policies if isinstance(each, Deprecated) for field in each.fields]
        found = []
        for name, value in declared:
            sent = ", ".join(exchange.header_values(name))
            is_there = value in sent if name == "link" else bool(sent)
            if not is_there:
                shown = f"a {describe_status(exchange.status or 0)} lacks the declared header `{name.title()}`"
                found.append(self.violation(operation, shown, exchange))
        return found

"""`RateLimit`: at most so many requests in a window of time."""

import ipaddress
from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from typing import Any, ClassVar
from uuid import UUID

from signette._dataclasses import dataclass
from signette.declarative.errors.base import format_type
from signette.declarative.policies.base import (
    Around,
    CannotApply,
    Documentation,
    OnFailure,
    Operation,
    Policy,
    PolicyContext,
    check_on_failure,
)
from signette.declarative.policies.exchange import CallNext, Exchange, PolicyValue
from signette.declarative.policies.rate_counters import PURPOSE, STRATEGIES, Counters, Window, WindowState, windows_of
from signette.declarative.signature.annotations import UnresolvedName
from signette.declarative.signature.assignable import is_assignable, yielded_type
from signette.declarative.signature.callables import kind_of, result_of
from signette.declarative.signature.depends import Depends
from signette.problems import Problem
from signette.state.unavailable import StateUnavailable
from signette.types import Receive, Scope, Send

Key = str | bytes | int | UUID | Enum
_HEADERS = {
    "RateLimit": "What is left of each window: `r`, and the seconds until it is reset: `t`.",
    "RateLimit-Policy": "The windows: the quota `q`, and the length in seconds `w`.",
}


class TooManyRequests(
    Problem, status=429, detail="The rate limit of {limit} is exceeded. Try again in {retry_after} s."
):
    """The client has sent too many requests. Try again after the time in `Retry-After`."""

    limit: str
    retry_after: int


@dataclass(frozen=True, slots=True)
class RateLimitState(PolicyValue):
    """What is left of a rate limit after this request: a parameter of handlers, `limit: RateLimitState`."""

    limit: int
    """The quota of the window that has the least left."""
    remaining: int
    reset: int
    """Seconds until the window has more."""


class RateLimit(Policy):
    """At most so many requests of a client in a window of time: `RateLimit("100/minute")`.

    `limit` has one or more windows: `"10/second; 1000/hour"`, `"5/2 minutes"`. `by` is a dependency that returns the
    key to count by: an API key, the id of a user. Without it, or if it returns None, the client's address counts, of
    IPv6 the network of 64 bits. The address is that of the connection: behind a proxy, let the server trust the proxy
    (`uvicorn --forwarded-allow-ips`); signette reads no `X-Forwarded-For`.

    An operation counts on its own; a limit of a router or an application counts all its operations together. `name` is
    the name of the count, for two routers without a prefix. `cost` is how much a request counts: a number, or a
    dependency that returns one. `strategy` is "fixed-window", "moving-window" or "sliding-window-counter".

    A request over the limit ends as the problem `TooManyRequests` (429) before its body is read: by address before the
    security guards, `by` a dependency after them. The counts are in the state of the application, for the purpose
    `rate-limits`. `on_failure="open"` lets requests pass while that is not available, "closed" responds 503.

    Raises:
        ImportError: limits is not installed.
        ValueError: an argument is invalid.
    """

    order: ClassVar[int] = 30
    applies_to_websockets: ClassVar[bool] = True
    purpose: ClassVar[str | None] = PURPOSE
    provides: ClassVar[type[PolicyValue] | None] = RateLimitState

    def __init__(
        self,
        limit: str,
        *,
        by: Callable[..., Any] | None = None,
        cost: int | Callable[..., Any] = 1,
        strategy: str = "fixed-window",
        name: str | None = None,
        on_failure: OnFailure = "open",
    ) -> None:
        self.limit = limit
        self.windows = windows_of(limit)
        self.by = by
        self.cost = cost
        self.strategy = strategy
        self.name = name
        self.on_failure = check_on_failure(on_failure)
        if strategy not in STRATEGIES:
            raise ValueError(f"invalid `strategy={strategy!r}`: use one of {', '.join(map(repr, STRATEGIES))}")
        most = min(window.amount for window in self.windows)
        if not callable(cost) and (type(cost) is not int or not 1 <= cost <= most):
            raise ValueError(f"`cost={cost!r}` must be an integer from 1 to {most}, the least amount of the limit")
        if by is not None and not callable(by):
            raise ValueError(f"`by={by!r}` must be a dependency: a function that returns the key")
        if name is not None and not (isinstance(name, str) and name.isascii() and name.isprintable() and name):
            raise ValueError(f"`name={name!r}` must have printable ASCII characters only")
        self._policy_field = ", ".join(f'"{each}";q={w.amount};w={w.seconds}' for w, each in self._named_windows())

    def _named_windows(self) -> list[tuple[Window, str]]:
        return [(window, self._name_of(window)) for window in self.windows]

    def _name_of(self, window: Window) -> str:
        """The name of a window in header fields (an sf-string, RFC 9651 §3.3.3)."""
        if self.name is None:
            return window.text
        name = self.name.replace("\\", "\\\\").replace('"', '\\"')
        return name if len(self.windows) == 1 else f"{name} {window.text}"

    def check(self, operation: Operation) -> CannotApply | None:  # noqa: ARG002 - of the base class
        """Why `by` or `cost` cannot be used."""
        for name, dependency, wanted in (("by", self.by, Key | None), ("cost", self.cost, int)):
            if not callable(dependency):
                continue
            try:
                returns = yielded_type(result_of(dependency), kind_of(dependency))
            except UnresolvedName:  # the planner reports it
                continue
            if not is_assignable(returns, wanted):
                hint = "return a `str`, an `int` or a `UUID`, such as the id" if name == "by" else "return an `int`"
                word = getattr(dependency, "__name__", type(dependency).__name__)
                return CannotApply(f"`{name}={word}` returns `{format_type(returns)}`", hint)
        return None

    def document(self, operation: Operation) -> Documentation:  # noqa: ARG002
        """The 429, and header fields of responses that are counted."""
        counted: dict[int | str, Any] = {"2XX" if self._has_dependency else "*": _HEADERS}
        limited = {**_HEADERS, "Retry-After": "Seconds to wait."}
        return Documentation(problems=(TooManyRequests,), headers={**counted, 429: limited})

    def facts(self) -> dict[str, Any]:
        """The requests that pass in each window: one that costs two counts twice."""
        cost = 1 if callable(self.cost) else self.cost
        windows = [{"amount": each.amount // cost, "seconds": each.seconds} for each in self.windows]
        facts = {"by": self.by, "strategy": self.strategy, "windows": windows}
        return facts | ({"cost": self.cost} if callable(self.cost) else {})

    def open(self, context: PolicyContext) -> "tuple[Counters, str]":
        """The counters of the application, and the name of the count."""
        return Counters(context.backend, self.strategy), self.shared_name(context.name)

    def shared_name(self, context_name: str) -> str:
        """The name of the count."""
        return self.name or context_name

    @property
    def _has_dependency(self) -> bool:
        return self.by is not None or callable(self.cost)

    def guard(self) -> Callable[..., Any] | None:
        """Counts by a dependency, after the security guards."""
        if not self._has_dependency:
            return None
        by, cost_of = self.by or _no_key, self.cost
        # Defaults, not annotations: caches would keep those alive, and what a closure holds.
        if callable(cost_of):

            async def rate_limit(exchange: Exchange, key: Any = Depends(by), cost: Any = Depends(cost_of)) -> None:
                await self._count(exchange, key, cost)

            return rate_limit

        async def rate_limit_by_key(exchange: Exchange, key: Any = Depends(by)) -> None:
            await self._count(exchange, key, cost_of)

        return rate_limit_by_key

    def around_for(self, operation: Operation) -> Around | None:  # noqa: ARG002
        """None if the guard counts."""
        return None if self._has_dependency else self.around

    async def around(self, exchange: Exchange, receive: Receive, send: Send, call_next: CallNext) -> None:
        """Count by the client's address, before anything is read."""
        await self._count(exchange, None, self.cost)
        await call_next(receive, send)

    async def _count(self, exchange: Exchange, key: Any, cost: Any) -> None:
        """Count a request. Raises TooManyRequests, or ServiceUnavailable without the engine."""
        if self in exchange.memo:  # it runs again, to replace a stale response
            return
        exchange.memo[self] = True
        counters, name = exchange.opened(self)
        exchange.add_header("RateLimit-Policy", self._policy_field)
        text = address_key(exchange.scope) if key is None else f"key {text_of_key(key)}"
        try:
            is_allowed, states = await counters.hit(self.windows, name, text, cost)
        except StateUnavailable as exc:
            exchange.failed(self, exc)
            first = self.windows[0]
            exchange.set(RateLimitState(first.amount, first.amount, 0))
            return
        exchange.recovered(self)
        exchange.add_header("RateLimit", self._left(states))
        least = min(states, key=lambda state: (state.remaining, -state.reset))
        exchange.set(RateLimitState(least.window.amount, least.remaining, least.reset))
        if not is_allowed:
            seconds = max(least.reset, 1)
            exchange.add_header("Retry-After", str(seconds))
            raise TooManyRequests(limit=least.window.text, retry_after=seconds)

    def _left(self, states: list[WindowState]) -> str:
        return ", ".join(f'"{self._name_of(each.window)}";r={each.remaining};t={each.reset}' for each in states)


async def _no_key() -> None:
    """The key of a limit whose cost alone is a dependency."""


def text_of_key(key: Any) -> str:
    """A key as text, the same in each process.

    Raises TypeError for an object that has no such text.
    """
    if isinstance(key, Enum):
        key = key.value
    # The type is part of it: the user 1 and a client with the API key "1" are counted apart.
    if isinstance(key, bytes):
        return f"bytes {key.hex()}"
    if isinstance(key, str | int | UUID):
        kind = next(each for each in (str, int, UUID) if isinstance(key, each))
        return f"{kind.__name__} {key}"
    raise TypeError(f"`by` of a rate limit returned a `{type(key).__name__}`; return a `str`, an `int` or a `UUID`")


def address_key(scope: Scope) -> str:
    """The client's address, of IPv6 its network of 64 bits: one client may have all addresses of that.

    Without an address, as over a Unix socket, all clients are one.
    """
    client = scope.get("client")
    return _address_of(client[0] if client else "")


@lru_cache(4096)  # PERF: to parse an address takes longer than to count
def _address_of(host: str) -> str:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return f"address {host}"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        network = ipaddress.ip_network((address, 64), strict=False)
        return f"address {mapped or network}"
    return f"address {address}"

"""Policies of operations, routers and applications: `policies=[...]`. Subclass `Policy` for a custom one."""

from signette.declarative.policies.base import CannotApply, Documentation, Off, Operation, Policy, PolicyContext
from signette.declarative.policies.cache import Cache
from signette.declarative.policies.cache_visit import CacheState
from signette.declarative.policies.cached import Cached
from signette.declarative.policies.concurrency import Concurrency, Overloaded
from signette.declarative.policies.deadline import (
    Deadline,
    DeadlineExceeded,
    DeadlineState,
    ResponseBrokenOff,
    ServiceTimeout,
    remaining_time,
)
from signette.declarative.policies.deprecated import Deprecated
from signette.declarative.policies.disconnect import CancelOnDisconnect
from signette.declarative.policies.etag import ETag
from signette.declarative.policies.exchange import CallNext, Exchange, PolicyValue
from signette.declarative.policies.idempotency_problems import (
    IdempotencyKeyInUse,
    IdempotencyKeyMalformed,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    IdempotentResponseNotStored,
)
from signette.declarative.policies.idempotent import IdempotencyKey, Idempotent
from signette.declarative.policies.outage import ServiceUnavailable
from signette.declarative.policies.rate_limit import RateLimit, RateLimitState, TooManyRequests

__all__ = [
    "Cache",
    "CacheState",
    "Cached",
    "CallNext",
    "CancelOnDisconnect",
    "CannotApply",
    "Concurrency",
    "Deadline",
    "DeadlineExceeded",
    "DeadlineState",
    "Deprecated",
    "Documentation",
    "ETag",
    "Exchange",
    "IdempotencyKey",
    "IdempotencyKeyInUse",
    "IdempotencyKeyMalformed",
    "IdempotencyKeyMissing",
    "IdempotencyKeyReused",
    "Idempotent",
    "IdempotentResponseNotStored",
    "Off",
    "Operation",
    "Overloaded",
    "Policy",
    "PolicyContext",
    "PolicyValue",
    "RateLimit",
    "RateLimitState",
    "ResponseBrokenOff",
    "ServiceTimeout",
    "ServiceUnavailable",
    "TooManyRequests",
    "remaining_time",
]

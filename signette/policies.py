"""Policies of operations, routers and applications: `policies=[...]`. Subclass `Policy` for a custom one."""

from signette.declarative.policies.base import CannotApply, Documentation, Off, Operation, Policy, PolicyContext
from signette.declarative.policies.exchange import CallNext, Exchange, PolicyValue
from signette.declarative.policies.outage import ServiceUnavailable
from signette.declarative.policies.rate_limit import RateLimit, RateLimitState, TooManyRequests

__all__ = [
    "CallNext",
    "CannotApply",
    "Documentation",
    "Exchange",
    "Off",
    "Operation",
    "Policy",
    "PolicyContext",
    "PolicyValue",
    "RateLimit",
    "RateLimitState",
    "ServiceUnavailable",
    "TooManyRequests",
]

"""Retries: which requests are sent again, when, and how often.

Only a request that the server may run twice is sent again: of a safe or idempotent method (RFC 9110 §9.2), or with an
`Idempotency-Key`. The attempts and the waits between them are made by `stamina`.
"""

import re
import sys
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")

IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY", "PUT", "DELETE"})
"""Methods whose requests may be sent again (RFC 9110 §9.2.2; QUERY is safe)."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a request is sent again: at most `attempts` times in all, within `timeout` seconds.

    The first wait is up to `wait_initial` seconds, each further one twice as long, at most `wait_max`. A `Retry-After`
    header of the response is the least wait; the request is not sent again if it asks for more than `wait_max`.

    Raises:
        ValueError: a number is out of range.
        ImportError: `stamina` is not installed.
    """

    attempts: int = 3
    timeout: float | None = 45.0
    wait_initial: float = 0.1
    wait_max: float = 5.0
    statuses: frozenset[int] = frozenset({408, 429, 502, 503, 504})

    def __post_init__(self) -> None:
        for name in ("attempts", "timeout", "wait_initial", "wait_max"):
            value, kinds = getattr(self, name), int if name == "attempts" else (int, float)
            if not (isinstance(value, kinds) or (name == "timeout" and value is None)):
                raise TypeError(f"`{name}` of `Retries` is a number, not of the type `{type(value).__name__}`")
        if self.attempts < 1:
            raise ValueError(f"`attempts={self.attempts!r}` must be at least 1")
        if self.wait_initial < 0 or self.wait_max < 0 or (self.timeout is not None and self.timeout <= 0):
            raise ValueError("the seconds of `Retries` must not be negative")
        _stamina()

    def call(self, send: Callable[[], ResultT], wait_after: Callable[[Exception], float | bool]) -> ResultT:
        """Call `send` until it returns. `wait_after` says of an exception whether it is called again, and when."""
        for attempt in self._attempts(wait_after):
            with attempt:
                return send()
        raise AssertionError("stamina returns or raises")

    async def call_async(
        self, send: Callable[[], Awaitable[ResultT]], wait_after: Callable[[Exception], float | bool]
    ) -> ResultT:
        """The same, for a client that does not block."""
        async for attempt in self._attempts(wait_after):
            with attempt:
                return await send()
        raise AssertionError("stamina returns or raises")

    def wait_after_response(self, status: int, headers: Mapping[str, str], now: datetime | None = None) -> float | bool:
        """Whether a response is requested again, and if its `Retry-After` says so, after how many seconds."""
        if status not in self.statuses:
            return False
        seconds = retry_after(headers, now or datetime.now(UTC))
        return True if seconds is None else seconds if seconds <= self.wait_max else False

    def _attempts(self, wait_after: Callable[[Exception], float | bool]) -> Any:
        return _stamina().retry_context(
            on=wait_after,
            attempts=self.attempts,
            timeout=self.timeout,
            wait_initial=self.wait_initial,
            wait_max=self.wait_max,
            wait_jitter=self.wait_initial,
        )


def _stamina() -> Any:
    try:
        import stamina  # noqa: PLC0415 - optional
    except ImportError as exc:
        raise ImportError("retries need `stamina`: pip install stamina") from exc
    return stamina


def may_repeat(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a server may get a request twice."""
    return method.upper() in IDEMPOTENT_METHODS or any(name.lower() == "idempotency-key" for name in headers)


def is_connection_error(exc: Exception) -> bool:
    """Whether the connection is at fault, so that the same request may succeed."""
    # A client in process has not loaded it.
    httpx2 = sys.modules.get("httpx2")
    return (
        httpx2 is not None
        and isinstance(exc, httpx2.TransportError)
        and not isinstance(exc, httpx2.LocalProtocolError | httpx2.UnsupportedProtocol)
    )


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds of a `Retry-After` header (RFC 9110 §10.2.3): a number, or a date. None without a valid one."""
    text = next((value.strip() for name, value in headers.items() if name.lower() == "retry-after"), "")
    if re.fullmatch("[0-9]+", text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds())


def new_idempotency_key() -> str:
    """The value of an `Idempotency-Key` header, a string of a structured field. All attempts of a call share it."""
    return f'"{uuid.uuid4()}"'

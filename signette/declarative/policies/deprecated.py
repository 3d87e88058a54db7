"""`Deprecated`: header fields with the date of a deprecation, the end of the operation, and its successor.

RFC 9745 has the field `Deprecation` and the link `deprecation`, RFC 8594 the field `Sunset`, RFC 5829 the link
`successor-version`.
"""

import logging
import re
import time
from collections.abc import Awaitable
from datetime import UTC, date, datetime
from functools import partial
from typing import ClassVar, NamedTuple

from signette._http.conditional import format_http_date
from signette._patterns import lazy_pattern
from signette.declarative.policies.base import Around, Documentation, Operation, Policy, PolicyContext
from signette.declarative.policies.exchange import CallNext, Exchange
from signette.declarative.policies.successor import Successors
from signette.types import Message, Receive, Scope, Send

_log = logging.getLogger("signette.deprecated")
_STARTS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})
# RFC 3986: the characters of a URI reference.
_URI = lazy_pattern(r"[\w\-.~:/?#\[\]@!$&'()*+,;=%]+", re.ASCII)
_DAY = 86400
_MAX_USER_AGENT = 100


class Callers:
    """The clients that have called deprecated operations today (UTC). It notes at most `limit` of them each day."""

    def __init__(self, limit: int = 1000) -> None:
        self._limit = limit
        self._day = 0
        self._noted: set[tuple[str, str]] = set()

    def log(self, operation: str, scope: Scope) -> None:
        """Log the call, if it is the first one of the client to the operation today."""
        today = int(time.time() // _DAY)
        if today != self._day:
            self._day = today
            self._noted.clear()
        client = scope.get("client")
        address = str(client[0]) if client else ""
        if len(self._noted) >= self._limit or (operation, address) in self._noted:
            return
        self._noted.add((operation, address))
        agent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"").decode("latin-1")
        _log.info("deprecated operation called: %s by %s (%r)", operation, address or "?", agent[:_MAX_USER_AGENT])
        if len(self._noted) == self._limit:
            _log.info("deprecated operations have %d callers today; further ones are not logged", self._limit)


class Opened(NamedTuple):
    """What the policy has of one application."""

    callers: Callers
    successors: Successors


class Deprecated(Policy):
    """The operation is deprecated: `Deprecated(date(2026, 1, 1), sunset=date(2027, 1, 1), successor="/v2/orders")`.

    Each response has the field `Deprecation` with the date `since`, which may be in the future, `Sunset` with the date
    after which the operation may stop to work, and `Link` with the URLs of its `successor` and of the `docs`. A field
    that the response has already is kept. The OpenAPI document has `deprecated: true`.

    Below a router with `version=`, the successor is found: the same path in the next version that is not deprecated.

    A `date` is its midnight in UTC; a `datetime` has a time zone. URLs are sent as they are.

    The first call of each client and operation on each day is logged by the logger `signette.deprecated`, level INFO.

    Raises:
        TypeError: a date or URL has the wrong type.
        ValueError: all arguments are missing, `sunset` is before `since`, a time has no time zone, or a URL is invalid.
    """

    order: ClassVar[int] = 5
    applies_to_websockets: ClassVar[bool] = True

    def __init__(
        self,
        since: date | None = None,
        *,
        sunset: date | None = None,
        successor: str | None = None,
        docs: str | None = None,
    ) -> None:
        begins, ends = timestamp("since", since), timestamp("sunset", sunset)
        links = {"successor-version": _checked_url("successor", successor), "deprecation": _checked_url("docs", docs)}
        if begins is not None and ends is not None and ends < begins:
            raise ValueError(
                f"`sunset={sunset}` is before `since={since}`; RFC 9745 requires the same time or a later one"
            )
        self.since = since
        self.sunset = sunset
        self.successor = successor
        self.docs = docs
        self.fields: list[tuple[str, str]] = []
        """The header fields."""
        if begins is not None:
            self.fields.append(("deprecation", f"@{begins}"))
        if ends is not None:
            self.fields.append(("sunset", format_http_date(ends)))
        self.fields += [("link", f'<{url}>; rel="{relation}"') for relation, url in links.items() if url]
        if not self.fields:
            raise ValueError("`Deprecated` needs a date or a URL; without them write `deprecated=True`")

    def document(self, operation: Operation) -> Documentation:
        """`deprecated: true`, and the fields of all responses."""
        names = [name for name, _ in self.fields] + (["link"] if operation.version else [])
        texts = {name: _DESCRIPTIONS[name] for name in names}
        return Documentation(headers={"*": {name.title(): text for name, text in texts.items()}}, deprecated=True)

    def open(self, context: PolicyContext) -> Opened:  # noqa: ARG002
        """The clients that are logged already, and the successors that are found."""
        return Opened(Callers(), Successors())

    def around_for(self, operation: Operation) -> Around:
        """With the operation, for the log and its successor."""
        return partial(self._around, operation)

    async def _around(
        self, operation: Operation, exchange: Exchange, receive: Receive, send: Send, call_next: CallNext
    ) -> None:
        opened: Opened = exchange.opened(self)
        if _log.isEnabledFor(logging.INFO):
            opened.callers.log(operation.name, exchange.scope)
        fields = self.fields
        if operation.version and self.successor is None:
            path = opened.successors.path_of(operation, exchange.scope)
            # What the client sent may have characters that end the URL in the field.
            if path is not None and _URI.fullmatch(path):
                fields = [*fields, ("link", f'<{path}>; rel="successor-version"')]

        def marked(message: Message) -> Awaitable[None]:
            if message["type"] in _STARTS:
                has = {name.lower() for name, _ in message.get("headers", ())}
                for name, value in fields:
                    # Only a field with a list may be there twice.
                    if name == "link" or name.encode() not in has:
                        exchange.add_header(name, value)
            return send(message)

        await call_next(receive, marked)


_DESCRIPTIONS = {
    "deprecation": "The time since when the operation is deprecated (RFC 9745).",
    "sunset": "The time after which the operation may stop to work (RFC 8594).",
    "link": "What replaces the operation, and the documentation of its deprecation.",
}


def timestamp(name: str, value: date | None) -> int | None:
    """The seconds since 1970 of a date, which is its midnight in UTC, or of a time with a time zone.

    Raises:
        TypeError: it is neither.
        ValueError: the time has no time zone, or is before 1970.
    """
    if value is None:
        return None
    if not isinstance(value, date):
        raise TypeError(f"`{name}={value!r}` must be a `date` or a `datetime`")
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)
    if moment.utcoffset() is None:
        raise ValueError(f"`{name}` has no time zone: write `datetime(..., tzinfo=UTC)`, or a `date`")
    seconds = int(moment.timestamp())
    if seconds < 0:
        raise ValueError(f"`{name}={value}` is before 1970")
    return seconds


def _checked_url(name: str, url: str | None) -> str | None:
    if url is None:
        return None
    if not isinstance(url, str):
        raise TypeError(f"`{name}={url!r}` must be a `str`")
    if "{" in url or "}" in url:
        raise ValueError(f"`{name}={url!r}` must be a URL; path parameters are not filled in")
    if not _URI.fullmatch(url):
        raise ValueError(f"`{name}={url!r}` must be a URL, such as '/v2/orders'; encode other characters as `%20`")
    return url

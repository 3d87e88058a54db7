"""Running the policies of an operation around its binder.

Theory of operation. Each `around` is one level; the binder is the innermost. Each level handles the exceptions that it
raises by the handlers of the application, so that the levels further out see responses only. The exchange is made at
the outermost level, which also adds its header fields. An operation whose policies have guards only has the outermost
level alone.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from signette._scope_keys import ERRORS, POLICED, REQUEST, STARTED
from signette._tracking import ResponseTracker, StartTracker
from signette.declarative.policies.base import Around, Policy, PolicyContext
from signette.declarative.policies.entries import AppliedPolicy
from signette.declarative.policies.exchange import Exchange, ReplayedBody
from signette.declarative.policies.outage import outage_of
from signette.middleware.handlers import remains
from signette.state.backend import Backend
from signette.types import Message, Receive, Scope, Send

Binder = Callable[[Scope, Receive, Send, Sequence[str]], Awaitable[None]]
Level = Callable[[Exchange, Sequence[str], Receive, Send], Awaitable[None]]
Respond = Callable[[Exception, Scope, Receive, StartTracker], Awaitable[Exception | None]]
"""Sends the response to an exception. Returns the exception to raise if it has no handler, or comes too late."""


def with_policies(binder: Binder, plan: Any, app: Any, respond: Respond, limit_bytes: int | None) -> Binder:
    """Wrap a binder in the policies of its plan.

    `limit_bytes` limits the body of the operation, for policies that read it.
    """
    applied = [each for each in plan.policies if each.applies]
    backend = getattr(app, "backend", None) or Backend()
    opened = opened_policies(applied, app, backend)
    outages = {each.policy: outage_of(backend, each.policy.purpose) for each in applied}
    reads_body = any(each.policy.reads_body for each in applied)
    level: Level = partial(_run_binder, binder)
    for each in reversed(applied):
        assert each.operation is not None  # it applies
        around = each.policy.around_for(each.operation)
        if around is not None:
            level = partial(_run_around, around, partial(_run_handled, level, respond))

    async def policed(scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> None:
        body = ReplayedBody(receive) if reads_body else None
        exchange = scope[POLICED] = Exchange(scope, plan, opened, outages, respond, body, limit_bytes)
        tracker = _HeaderSend(send, exchange.headers)
        try:
            await level(exchange, values, body or receive, tracker.send)
        except Exception as exc:
            remaining = await _handled(respond, exc, scope, receive, tracker)
            if remaining is not None and not tracker.started:
                scope.pop(STARTED, None)  # a policy may have kept the start of a response back
            if remains(exc, remaining):
                raise
        finally:
            scope.pop(POLICED, None)  # it holds the scope

    return policed


class _HeaderSend(ResponseTracker):
    """Adds header fields to the start of a response, or to the acceptance of a WebSocket."""

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        super().__init__(send)
        self._headers = headers

    def send(self, message: Message) -> Awaitable[None]:
        if self._headers and not self.started and message["type"] in _STARTS:
            message = {**message, "headers": [*message.get("headers", ()), *self._headers]}
        return super().send(message)


_STARTS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})


async def _run_binder(binder: Binder, exchange: Exchange, values: Sequence[str], receive: Receive, send: Send) -> None:
    await binder(exchange.scope, receive, send, values)


async def _run_around(
    around: Around, inner: Level, exchange: Exchange, values: Sequence[str], receive: Receive, send: Send
) -> None:
    await around(exchange, receive, send, partial(inner, exchange, values))


async def _run_handled(
    level: Level, respond: Respond, exchange: Exchange, values: Sequence[str], receive: Receive, send: Send
) -> None:
    tracker = ResponseTracker(send)
    try:
        await level(exchange, values, receive, tracker.send)
    except Exception as exc:
        if remains(exc, await _handled(respond, exc, exchange.scope, receive, tracker)):
            raise


async def _handled(
    respond: Respond, exc: Exception, scope: Scope, receive: Receive, tracker: StartTracker
) -> Exception | None:
    remaining = await respond(exc, scope, receive, tracker)
    outermost: ResponseTracker | None = scope.get(ERRORS)
    if remaining is not None and outermost is not None:
        outermost.request = scope.get(REQUEST)
    return remaining


# -- what policies have opened -----------------------------------------------------------------------------------------


class OpenedPolicies(dict[tuple[Policy, str], Any]):
    """What policies have opened for an application, which has it as an attribute. A pickle of it is empty.

    It is not in a table by application: what is opened may hold the application, which would then never be freed.
    """

    backend: Backend | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return OpenedPolicies, ()


def opened_policies(applied: Sequence[AppliedPolicy], app: Any, backend: Backend) -> Mapping[Policy, Any]:
    """What `open` of each policy returns; once per application and place, so that its operations share it."""
    known = OpenedPolicies() if app is None else vars(app).setdefault("_opened_policies", OpenedPolicies())
    if not known:
        known.backend = backend
    found = {}
    for each in applied:
        key = each.policy, each.owner
        if key not in known:
            known[key] = each.policy.open(PolicyContext(app, backend, each.owner))
        found[each.policy] = known[key]
    return found


def forget_other_backend(app: Any, backend: Backend, forget_binders: Callable[[], None]) -> None:
    """Open the policies again if they have opened another backend: a test has replaced `app.backend`."""
    known: OpenedPolicies | None = vars(app).get("_opened_policies")
    if known is not None and known.backend is not backend:
        known.clear()
        forget_binders()

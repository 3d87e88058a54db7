"""Wrappers of binders: an operation's own error format, and a log of undeclared errors while debugging.

Operations that need neither are not wrapped.
"""

import logging
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from signette._frameworks import is_own_app
from signette._scope_keys import HANDLERS
from signette._tracking import ResponseTracker, StartTracker
from signette.declarative.binding.binder import Binder
from signette.declarative.plan.steps import Plan
from signette.declarative.policies.around import Respond
from signette.declarative.problems.format import ErrorFormatter, ProblemFormat, Rejection
from signette.exceptions import HTTPException, LimitExceeded, RequestValidationError
from signette.limits import Limits
from signette.middleware.decompression import decode_body
from signette.middleware.handlers import (
    HandlerTable,
    as_signette_exception,
    handle_http_exception,
    remains,
    uses_request,
)
from signette.middleware.vary import add_vary
from signette.problems import Problem
from signette.state.unavailable import StateUnavailable
from signette.types import Message, Receive, Scope, Send

_log = logging.getLogger("signette.problems")


def with_decoded_body(binder: Binder, encodings: Sequence[str], limits: Limits) -> Binder:
    """Wrap the binder of an operation that accepts encoded bodies, or rejects those that its application accepts."""

    def decoding(scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        handled: Awaitable[None] = binder(scope, decode_body(scope, receive, encodings, limits), send, values)
        return handled

    return decoding


def with_error_format(binder: Binder, own: ProblemFormat, app: Any) -> Binder:
    """Wrap the binder of an operation with its own error format. Handlers of the application take precedence."""
    return with_error_responses(binder, _own_format(own, app))


def with_vary(binder: Binder) -> Binder:
    """Wrap the binder of an operation whose format depends on `Accept`: all responses that it sends have `Vary`."""

    def varying(scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        def send_with_vary(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                fields = list(message.get("headers", ()))
                add_vary(fields, b"Accept")
                message = {**message, "headers": fields}
            return send(message)

        handled: Awaitable[None] = binder(scope, receive, send_with_vary, values)
        return handled

    return varying


def in_foreign_app(binder: Binder, own: ProblemFormat | None) -> Binder:
    """Wrap the binder of a route in an application of another framework, which has no handlers for typed errors."""
    return with_error_responses(binder, _format_for_foreign_app(own))


def error_responses(app: Any, own: ProblemFormat | None) -> Respond:
    """How the exceptions of an operation with policies become responses, before its policies see them.

    First by the own format of the operation, then by the handlers of the application.
    """
    if app is not None and not is_own_app(app):
        return _format_for_foreign_app(own)
    by_format = None if own is None else _own_format(own, app)
    handlers = getattr(app, "exception_handlers", {}).items()
    # Those for errors of the server are called outside of all middleware.
    table = None if app is None else HandlerTable({key: each for key, each in handlers if key not in (500, Exception)})

    async def respond(exc: Exception, scope: Scope, receive: Receive, tracker: StartTracker) -> Exception | None:
        if by_format is not None:
            remaining = await by_format(exc, scope, receive, tracker)
            if remaining is not exc:
                return remaining
        found: HandlerTable | None = scope.get(HANDLERS, table)
        return exc if found is None else await found.handle(exc, scope, receive, tracker)

    return respond


def with_error_responses(binder: Binder, respond: Respond) -> Binder:
    """Wrap a binder so that the responses to its exceptions are sent by `respond`, before others see them."""

    async def formatting(scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> None:
        tracker = ResponseTracker(send)
        try:
            await binder(scope, receive, tracker.send, values)
        except Exception as exc:
            if remains(exc, await respond(exc, scope, receive, tracker)):
                raise

    return formatting


def _own_format(own: ProblemFormat, app: Any) -> Respond:
    handlers, own_handlers = _handlers_of(app), HandlerTable(own.handlers())

    async def respond(raised: Exception, scope: Scope, receive: Receive, tracker: StartTracker) -> Exception | None:
        exc = as_signette_exception(raised)
        is_formatted = isinstance(exc, HTTPException | Problem) and not tracker.started
        if not is_formatted or not all(_formats_errors(handlers.find(each)) for each in (exc, raised)):
            return raised
        # The handler of the own format logs that the state cannot be used.
        handled = raised if isinstance(raised, StateUnavailable) else exc
        return await own_handlers.handle(handled, scope, receive, tracker)

    return respond


def _format_for_foreign_app(own: ProblemFormat | None) -> Respond:
    handlers = HandlerTable((own or ProblemFormat()).handlers())

    async def respond(exc: Exception, scope: Scope, receive: Receive, tracker: StartTracker) -> Exception | None:
        if not isinstance(exc, RequestValidationError | LimitExceeded | Problem):
            return exc
        return await handlers.handle(exc, scope, receive, tracker)

    return respond


def _formats_errors(handler: Any) -> bool:
    """Whether a handler is the error format of the application, and not one that was registered for this error."""
    return handler in (None, handle_http_exception) or isinstance(handler, ErrorFormatter)


def handlers_of_app(app: Any, own: ProblemFormat | None) -> HandlerTable:
    """The handlers of an application for the routes of routers with their own handlers.

    Those for errors of the server are left to the application. `own` is the error format of the route.
    """
    is_own = app is None or is_own_app(app)
    registered = getattr(app, "exception_handlers", {}).items() if is_own else ()
    formats = {} if own is None else own.handlers()
    if not is_own:
        every = (own or ProblemFormat()).handlers()
        formats = dict.fromkeys((RequestValidationError, LimitExceeded, Problem), every[Problem])
    kept = {key: each for key, each in registered if own is None or not _formats_errors(each)}
    table = HandlerTable({key: each for key, each in {**formats, **kept}.items() if key not in (500, Exception)})
    if not is_own or (app is None and own is None):
        table.by_class = {key: each for key, each in table.by_class.items() if key in formats}
    return table


def _handlers_of(app: Any) -> HandlerTable:
    return HandlerTable(getattr(app, "exception_handlers", {}))


def rejection_handler(app: Any, own: ProblemFormat | None) -> Rejection | None:
    """The response to validation errors, if its handler does not need the request."""
    handler = _handlers_of(app).find(RequestValidationError([]))
    if own is not None and _formats_errors(handler):
        return own.rejection()
    return handler.rejection() if isinstance(handler, ErrorFormatter) else None


def handlers_read_body(app: Any) -> bool:
    """Whether an exception handler may read the body: one of the application, or any if a route has none."""
    return app is None or any(map(uses_request, getattr(app, "exception_handlers", {}).values()))


def with_undeclared_errors_logged(binder: Binder, plan: Plan, responses: Mapping[Any, Any]) -> Binder:
    """Wrap the binder of an application in debug mode: log errors that the OpenAPI document does not list.

    `responses` is the option of the route.
    """
    declared = {str(each.status) for each in plan.reply.responses if each.problem is None} | set(map(str, responses))

    async def logging_undeclared(scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> None:
        try:
            await binder(scope, receive, send, values)
        except Exception as raised:
            exc = as_signette_exception(raised)
            if not isinstance(exc, HTTPException | Problem):
                raise
            status = str(exc.status if isinstance(exc, Problem) else exc.status_code)
            known = {status, f"{status[0]}XX", f"{status[0]}xx", "default"} & declared
            if not known and not isinstance(exc, plan.reply.problems):
                _log.warning("%s", _undeclared_message(plan, exc, status))
            raise

    return logging_undeclared


def _undeclared_message(plan: Plan, exc: Exception, status: str) -> str:
    word = type(exc).__name__
    hint = f"add it to the return annotation, `-> ... | {word}`, or in a dependency to `Raises({word})`"
    if not isinstance(exc, Problem):
        hint = f"add `responses={{{status}: ...}}` to the route, or raise a `Problem` of the return annotation"
    return f"{plan.where}\n  problem: undeclared error `{word}` ({status})\n  hint: {hint}"

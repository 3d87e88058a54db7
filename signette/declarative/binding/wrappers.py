"""What stands around a binder where an operation, or the application's debugging, asks for more.

Each takes a binder and gives another: nothing stands around those that need none of it.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from signette._scope_keys import STARTED
from signette.declarative.binding.binder import Binder
from signette.declarative.plan.steps import Plan
from signette.declarative.problems.format import ErrorFormatter, ProblemFormat
from signette.exceptions import ErrorEntry, HTTPException, RequestValidationError
from signette.middleware.handlers import (
    HandlerTable,
    ResponseTracker,
    as_signette_exception,
    handle_http_exception,
    remains,
)
from signette.problems import Problem
from signette.responses.plain import Response
from signette.types import Receive, Scope, Send

_log = logging.getLogger("signette.problems")


def with_error_format(binder: Binder, own: ProblemFormat, app: Any) -> Binder:
    """The binder of an operation whose errors are told in its own way, but where the application has a handler."""
    handlers, told = _handlers_of(app), HandlerTable(own.handlers())

    async def telling(scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> None:
        tracker = ResponseTracker(send)
        try:
            await binder(scope, receive, tracker.send, values)
        except Exception as raised:
            exc = as_signette_exception(raised)
            if not isinstance(exc, HTTPException | Problem):
                raise
            if scope.get(STARTED) or not all(_formats_errors(handlers.find(each)) for each in (exc, raised)):
                raise
            if remains(raised, await told.handle(exc, scope, receive, tracker)):
                raise

    return telling


def _formats_errors(handler: Any) -> bool:
    """Whether it is the application's way to tell errors, and no handler that somebody wrote for this one."""
    return handler in (None, handle_http_exception) or isinstance(handler, ErrorFormatter)


def _handlers_of(app: Any) -> HandlerTable:
    return HandlerTable(getattr(app, "exception_handlers", {}))


def rejection_handler(app: Any, own: ProblemFormat | None) -> Callable[[list[ErrorEntry]], Response] | None:
    """The response to validation errors, if its handler does not need the request."""
    handler = _handlers_of(app).find(RequestValidationError([]))
    if own is not None and _formats_errors(handler):
        return own.validation_error
    respond: Callable[[list[ErrorEntry]], Response] | None = getattr(handler, "validation_error", None)
    return respond


def with_undeclared_errors_logged(binder: Binder, plan: Plan, said: Mapping[Any, Any]) -> Binder:
    """The binder of an application that is debugged: the log tells of errors that the document does not know.

    `said` are the further answers of `responses=`.
    """
    told = {str(answer.status) for answer in plan.reply.responses if answer.problem is None} | {
        str(key) for key in said
    }

    async def telling(scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> None:
        try:
            await binder(scope, receive, send, values)
        except Exception as raised:
            exc = as_signette_exception(raised)
            if not isinstance(exc, HTTPException | Problem):
                raise
            status = str(exc.status if isinstance(exc, Problem) else exc.status_code)
            known = {status, f"{status[0]}XX", f"{status[0]}xx", "default"} & told
            if not known and not isinstance(exc, plan.reply.problems):
                _log.warning("%s", _undeclared_message(plan, exc, status))
            raise

    return telling


def _undeclared_message(plan: Plan, exc: Exception, status: str) -> str:
    word = type(exc).__name__
    mend = f"add it to the result, `-> ... | {word}`, or in a dependency to `Raises({word})`"
    if not isinstance(exc, Problem):
        mend = f"say `responses={{{status}: ...}}`, or raise a `Problem` that the result names"
    return f"{plan.where}\n  what: it ended in `{word}` ({status}), of which the document does not tell\n  mend: {mend}"

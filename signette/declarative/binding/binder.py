"""Plan -> binder: prints the steps of a plan as straight-line Python, and compiles it. Decides nothing.

A binder is an ASGI endpoint with one more argument: `bind(scope, receive, send, values)`, where `values` are the raw
texts of the path parameters. The prefix of a name says what it is, so no name that a user chooses can clash:

    v_  a value of the request, or the result of a dependency
    k_  a constant of the plan
    b_  a variable of the binder
    s_  a source that the application defines, and c_ what it has opened
        built-in sources use names without a prefix: `query`, `headers`, ...

    async def bind(scope, receive, send, values):
        scope['endpoint'], scope['route'] = k_endpoint, k_route
        b_errors = ()
        try:
            b_query = scope["query_string"]
        except KeyError:
            b_query = b""
        query = k_query(b_query)
        v_limit = query.get('limit', MISSING)  # query 'limit'
        if v_limit is MISSING:
            v_limit = 20
        else:
            try:
                v_limit = k_limit_check(v_limit)
            except k_ValidationError as b_invalid:
                b_errors = [*b_errors, k_value_error(b_invalid, 'query', 'limit', v_limit)]
        ...
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import Any, cast

from signette._dataclasses import dataclass
from signette._scope_keys import EXCHANGE, LIMITS, STARTED
from signette.declarative.adapters.error_entries import (
    body_errors,
    model_errors,
    union_errors,
    value_error,
    value_errors,
)
from signette.declarative.adapters.validators import ValidationError
from signette.declarative.binding.app_scope import providers_of
from signette.declarative.binding.codegen import Code, compiled
from signette.declarative.binding.emit_calls import emit_call, emit_in_one_thread
from signette.declarative.binding.emit_concurrent import emit_together
from signette.declarative.binding.emit_context import EmitContext, word_of
from signette.declarative.binding.emit_reads import (
    emit_check_unknown,
    emit_negotiate,
    emit_raise_errors,
    emit_read,
    emit_read_model,
    emit_split,
)
from signette.declarative.binding.emit_reply import emit_reply
from signette.declarative.binding.emit_scope import ScopeKeys, emit_scope_keys
from signette.declarative.binding.emit_sources import closing, emit_open, emit_starts, keeping_body
from signette.declarative.binding.header_limits import emit_headers_check, few_headers, with_one_pass
from signette.declarative.binding.runtime import Exits, ExitsOutOfOrder, failure_of
from signette.declarative.plan.steps import (
    Call,
    CheckUnknown,
    Negotiate,
    Open,
    Plan,
    RaiseErrors,
    Read,
    ReadModel,
    Split,
    Step,
)
from signette.declarative.problems.format import Rejection
from signette.declarative.signature.markers import MISSING
from signette.declarative.sources.body import LENIENT
from signette.declarative.sources.content import LENIENT_CONTENT, content_errors
from signette.declarative.sources.cookie import COOKIE
from signette.declarative.sources.form import undo_form
from signette.declarative.sources.header import HEADER
from signette.declarative.sources.injected import HANDLED
from signette.declarative.sources.patch import LENIENT_PATCH
from signette.declarative.sources.path import PATH
from signette.declarative.sources.query import QUERY
from signette.declarative.sources.stream import LENIENT_STREAM
from signette.exceptions import RequestValidationError, WebSocketRequestValidationError
from signette.limits import Limits
from signette.middleware.handlers import is_disconnect

Binder = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class BindContext:
    """What a binder must know about the route and the application that it serves."""

    limits: Limits
    scope_keys: ScopeKeys | None = None
    """The keys that it adds to the scope. None: another route adds its own."""
    rejection: Rejection | None = None
    """Makes the response to validation errors. None: they are raised, because an exception handler needs the request.
    """
    strict: bool = True
    """False: a body without a Content-Type is read as JSON."""
    detailed: bool = False
    """The error format needs the errors of pydantic that entries are made of."""
    has_own_handler: bool = False
    """The route has its own handler, whose `Request` the endpoint takes."""
    keeps_body: bool = True
    """A handler of the application may read the body after an error. False: only one of an application around it may.
    """
    header_limits: Limits | None = None
    """The limits of headers in the application. None: it has none, or the binder must leave them to it."""
    runs_directly: bool = False
    """The application calls the binder, with nothing between them: the binder also does what the application would do.
    """


_ERRORS: Mapping[str, Callable[..., Any]] = {
    "k_value_error": value_error,
    "k_value_errors": value_errors,
    "k_body_errors": body_errors,
    "k_model_errors": model_errors,
    "k_union_errors": union_errors,
    "k_content_errors": content_errors,
}
_DETAILED_ERRORS = {name: partial(make, detailed=True) for name, make in _ERRORS.items()}


def bind(plan: Plan, context: BindContext) -> Binder:
    """Compile a plan to a function `(scope, receive, send, values)` that handles a request."""
    code = generate(plan, context)
    binder: Binder = compiled(code, "bind", f"<signette {'/'.join(plan.methods) or 'WEBSOCKET'} {plan.path}>")
    # Of this function, and of none that wraps it.
    if context.runs_directly:
        binder.runs_directly = binder.limits_headers = True  # type: ignore[attr-defined]
    elif context.header_limits is not None and few_headers(plan) is not None:
        binder.limits_headers = True  # type: ignore[attr-defined]
    return binder


def runs_directly(binder: Binder) -> bool:
    """Whether the binder takes the direct stack of an application as a fifth argument: see `Handler.runs_directly`."""
    return getattr(binder, "runs_directly", False)


def limits_headers(binder: Binder) -> bool:
    """Whether the binder checks the limits of headers, as far as anything reads them."""
    return getattr(binder, "limits_headers", False)


def generate(plan: Plan, context: BindContext) -> Code:
    """Print the source of a binder, with the values of the names in it."""
    code = Code()
    names = None if context.has_own_handler else few_headers(plan)
    may_read_body = not all(step.source in _WITHOUT_BODY for step in plan.steps if isinstance(step, Open | Read))
    if names is not None:
        plan = with_one_pass(plan, names, context.header_limits, context.limits)
    code.use(
        {
            "MISSING": MISSING,
            "k_limits": context.limits,
            "k_ValidationError": ValidationError,
            **(_DETAILED_ERRORS if context.detailed else _ERRORS),
            "k_RequestValidationError": WebSocketRequestValidationError if plan.socket else RequestValidationError,
        }
    )
    unchecked = None if names is None or names else context.header_limits
    opened = [step.source for step in plan.steps if isinstance(step, Open)]
    # An open generator must see errors as exceptions.
    # So must what removes files from their sinks.
    raises_errors = plan.socket or plan.open_lifetimes or plan.sends_files_on
    rejection = None if raises_errors else context.rejection
    direct = ", direct=None" if context.runs_directly else ""
    with code.block(f"async def bind(scope, receive, send, values{direct}):"), _responding(code, context):
        if context.scope_keys is not None:
            emit_scope_keys(code, context.scope_keys)
        if context.runs_directly and may_read_body:
            _emit_outer_limits(code, context)
        if context.runs_directly and names is None and context.header_limits is not None:
            emit_headers_check(code, context.header_limits)
        emit_starts(code, opened)
        if plan.notes_errors:
            code.add("b_errors = ()")  # PERF: a list is made for the first error
        with keeping_body(code, opened, context.keeps_body), closing(code, opened), _undoing(code, plan):
            runs_directly = context.runs_directly and not plan.sends_files_on  # `_undoing` looks in the scope
            has_head = "GET" in plan.methods
            facts = EmitContext(rejection, has_head, context.detailed, plan.awaited_reads, unchecked, runs_directly)
            _emit_steps(code, plan, facts)
    if not context.strict:
        code.names.update(LENIENT | LENIENT_PATCH | LENIENT_STREAM | LENIENT_CONTENT)
    if context.has_own_handler:
        code.names.update(HANDLED)
    return code


@contextmanager
def _responding(code: Code, context: BindContext) -> Iterator[None]:
    """A block whose exceptions the application responds to, if it has called the binder directly."""
    if not context.runs_directly:
        yield
        return
    assert context.scope_keys is not None
    route = code.name("k_route", context.scope_keys.route)
    code.add("b_started = False")  # PERF: not in the scope, as nothing between the two could read it there
    with code.block("try:"):
        yield
    is_left = f"direct is None or not await direct.handles(b_exc, scope, receive, send, {route}, values)"
    with code.block("except Exception as b_exc:"):
        with code.block("if b_started:"):
            code.add(f"scope[{STARTED!r}] = True")
        with code.block(f"if {is_left}:"):
            code.add("raise")


# What reads no body, and so needs none of the limits that an application or middleware around this one has set.
_WITHOUT_BODY = (PATH, QUERY, HEADER, COOKIE)


def _emit_outer_limits(code: Code, context: BindContext) -> None:
    assert context.scope_keys is not None
    route = code.name("k_route", context.scope_keys.route)
    with code.block(f"if {LIMITS!r} in scope and direct is not None:"):
        code.add(f"receive, send = direct.prepare({route}, scope, receive, send)")


def _emit_steps(code: Code, plan: Plan, context: EmitContext) -> None:
    code.use({f"k_provider_{word_of(variable)}": provider for variable, provider in providers_of(plan).items()})
    lifetimes = plan.open_lifetimes
    keeps_failure = plan.reply.background or ("request" in lifetimes and not plan.socket)
    with ExitStack() as blocks:
        if keeps_failure:
            blocks.enter_context(_failure_of_background(code, plan))
        if "request" in lifetimes:
            blocks.enter_context(_exits(code, "request"))
        if plan.socket and plan.reply.background:
            blocks.enter_context(_background_of_socket(code))
        with ExitStack() as inner:
            for batch in plan.batches:

                def before_function(batch: Sequence[Step] = batch) -> None:
                    if any(step is plan.first_of_function for step in batch):
                        inner.enter_context(_exits(code, "function", in_order=plan.closes_in_order))

                calls = cast(Sequence[Call], batch)
                if len(batch) == 1:
                    before_function()
                    EMIT[type(batch[0])](code, batch[0], context)
                elif calls[0].group:
                    emit_together(code, calls, context, before_function)
                else:
                    emit_in_one_thread(code, calls)
        if not plan.socket:
            emit_reply(code, plan.reply, context, keeps_failure=keeps_failure)
            if "request" in lifetimes:
                _emit_wait_for_dispatch(code)


@contextmanager
def _undoing(code: Code, plan: Plan) -> Iterator[None]:
    """A block that, if it fails before the response starts, removes uploaded files from their sinks."""
    if not plan.sends_files_on:
        yield
        return
    with code.block("try:"):
        yield
    with code.block("except BaseException:"):
        with code.block(f"if {STARTED!r} not in scope:"):
            code.add(f"await {code.name('k_undo_form', undo_form)}(pairs_sent)")
        code.add("raise")


def _emit_wait_for_dispatch(code: Code) -> None:
    """Keep dependencies open until middleware around the endpoint has taken the response."""
    with code.block(f"if {EXCHANGE!r} in scope:"):
        code.add(f"await scope[{EXCHANGE!r}].until_taken()")


def _exits(code: Code, lifetime: str, *, in_order: bool = True) -> AbstractContextManager[None]:
    """A block at whose end the generators of a lifetime are closed."""
    made = code.name("k_Exits", Exits) if in_order else code.name("k_ExitsOutOfOrder", ExitsOutOfOrder)
    return code.block(f"async with {made}() as b_{lifetime}_exits:")


@contextmanager
def _failure_of_background(code: Code, plan: Plan) -> Iterator[None]:
    """A block after which the failure of a background task is raised. Inside, generators would undo their work."""
    code.add("b_failure = None")
    if not plan.socket:
        yield
        with code.block("if b_failure is not None:"):
            code.add("raise b_failure")
        return
    with code.block("try:"):
        yield
    with code.block("finally:"), code.block("if b_failure is not None:"):  # in place of a disconnect
        code.add("raise b_failure")


@contextmanager
def _background_of_socket(code: Code) -> Iterator[None]:
    """A block after which the background tasks of a WebSocket run, also if the client has disconnected."""
    code.use({"k_failure_of": failure_of, "k_is_disconnect": is_disconnect})
    code.add("background = None")
    with code.block("try:"):
        yield
    with code.block("except Exception as b_disconnect:"):
        with code.block("if background is not None and k_is_disconnect(b_disconnect):"):
            code.add("b_failure = await k_failure_of(background, scope)")
        code.add("raise")
    code.add("b_failure = await k_failure_of(background, scope)")


EMIT: Mapping[type, Callable[[Code, Any, EmitContext], None]] = {
    Open: emit_open,
    Read: emit_read,
    ReadModel: emit_read_model,
    Split: emit_split,
    CheckUnknown: emit_check_unknown,
    Negotiate: emit_negotiate,
    RaiseErrors: emit_raise_errors,
    Call: emit_call,
}

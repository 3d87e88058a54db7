"""Plan -> function. Prints what the plan decided as straight-line Python, and decides nothing.

A binder is an ASGI endpoint with one argument more: `bind(scope, receive, send, values)`, where `values` are the raw
texts of the pieces. `v_` names hold values of the request, `k_` names constants of the plan, `b_` names what the binder
itself needs on the way. The built-in sources have names of their own (`query`, `headers`, ...); those of users stand
there as `s_` names, and what they opened as `c_` names. So no name that a user chooses can clash with any of them.

    async def bind(scope, receive, send, values):
        b_errors = []
        query = k_query(scope.get("query_string", b""))
        v_limit = query.get('limit', MISSING)  # query 'limit'
        if v_limit is MISSING:
            v_limit = 20
        else:
            try:
                v_limit = k_limit_check(v_limit)
            except k_Invalid as b_refused:
                b_errors += k_value_errors(b_refused, 'query', 'limit', v_limit)
        ...
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from signette.background import run_after
from signette.declarative.adapters.error_entries import body_errors, model_errors, union_errors, value_errors
from signette.declarative.adapters.validators import ValidationError
from signette.declarative.binding.app_scope import of_app, providers_of
from signette.declarative.binding.codegen import Code, compiled
from signette.declarative.binding.emit_reads import (
    emit_check_unknown,
    emit_raise_errors,
    emit_read,
    emit_read_model,
    emit_split,
)
from signette.declarative.binding.emit_reply import emit_reply
from signette.declarative.binding.emit_sources import closing, emit_open, emit_starts
from signette.declarative.binding.runtime import Exits, ThreadContext, in_reserved_thread, in_thread, sync_context
from signette.declarative.plan.construction import REJECTIONS
from signette.declarative.plan.order import held_calls
from signette.declarative.plan.steps import Call, CheckUnknown, Open, Plan, RaiseErrors, Read, ReadModel, Split
from signette.declarative.signature.callables import count_by_position, identity_of
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import Kind
from signette.declarative.sources.body import LENIENT
from signette.exceptions import ErrorEntry, RequestValidationError
from signette.limits import Limits
from signette.middleware.handlers import is_disconnect
from signette.responses.plain import Response
from signette.types import Scope

Binder = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class BindContext:
    """What a binder needs of the route that it serves."""

    limits: Limits
    fill_scope: Callable[[Scope, Any], None]
    """Writes route, endpoint and path parameters into the scope, for those who look there."""
    refusal: Callable[[list[ErrorEntry]], Response] | None = None
    """Answers values that will not do, where no handler wants the request for that. None: they are raised."""
    strict: bool = True
    """False: a body without a Content-Type is read as JSON."""


def bind(plan: Plan, context: BindContext) -> Binder:
    """The plan as a function `(scope, receive, send, values)` that answers a request."""
    code = written(plan, context)
    return compiled(code, "bind", f"<signette {'/'.join(plan.methods) or 'WEBSOCKET'} {plan.path}>")


def written(plan: Plan, context: BindContext) -> Code:
    """The binder's text and the values that it names."""
    code = Code()
    code.use(
        {
            "MISSING": MISSING,
            "k_limits": context.limits,
            "k_fill_scope": context.fill_scope,
            "k_Invalid": ValidationError,
            "k_value_errors": value_errors,
            "k_body_errors": body_errors,
            "k_model_errors": model_errors,
            "k_union_errors": union_errors,
            "k_Refused": RequestValidationError,
        }
    )
    opened = [step.source for step in plan.steps if isinstance(step, Open)]
    # Where a generator waits to be closed it must see the errors, as an exception.
    answers_errors = context.refusal is not None and not plan.socket and not any(map(_opens_context, plan.steps))
    if answers_errors:
        code.name("k_refusal", context.refusal)
    with code.block("async def bind(scope, receive, send, values):"):
        emit_starts(code, opened)
        if any(isinstance(step, RaiseErrors) or getattr(step, "construction", None) for step in plan.steps):
            code.add("b_errors = []")
        with closing(code, opened):
            _emit_steps(code, plan, answers_errors)
    if not context.strict:
        code.names.update(LENIENT)
    return code


def _emit_steps(code: Code, plan: Plan, answers_errors: bool) -> None:
    code.use({f"k_recipe_{_word(into)}": recipe for into, recipe in providers_of(plan).items()})
    lifetimes = {step.lifetime for step in plan.steps if isinstance(step, Call) and _is_generator(step)}
    with ExitStack() as blocks:
        if "request" in lifetimes:
            code.name("k_Exits", Exits)
            blocks.enter_context(code.block("async with k_Exits() as b_request_exits:"))
        if plan.socket and plan.reply.background:
            blocks.enter_context(_background_of_socket(code))
        with ExitStack() as inner:
            if "function" in lifetimes:
                code.name("k_Exits", Exits)
                inner.enter_context(code.block("async with k_Exits() as b_function_exits:"))
            held = held_calls(plan.steps)
            waited_for = {into for step in plan.steps if isinstance(step, Call) for into in step.only_if_valid}
            for step in plan.steps:
                if isinstance(step, RaiseErrors):
                    emit_raise_errors(code, answers_errors, body=step.body)
                elif isinstance(step, Call):
                    if not step.made_by_others:
                        emit_call(code, step, step.into in held, answers_errors)
                elif isinstance(step, Read | ReadModel) and step.into in waited_for:
                    code.add("b_count = len(b_errors)")
                    EMIT[type(step)](code, step)
                    code.add(f"b_valid_{_word(step.into)} = len(b_errors) == b_count")
                else:
                    EMIT[type(step)](code, step)
        if not plan.socket:
            emit_reply(code, plan.reply, heads="GET" in plan.methods)


@contextmanager
def _background_of_socket(code: Code) -> Iterator[None]:
    """Around what a socket does: its background tasks run when it has ended, also when the client ended it."""
    code.use({"k_run_after": run_after, "k_is_departure": is_disconnect})
    code.add("background = None")
    with code.block("try:"):
        yield
    with code.block("except Exception as b_gone:"):
        with code.block("if background is not None and k_is_departure(b_gone):"):
            code.add("await k_run_after(background, scope)")
        code.add("raise")
    code.add("await k_run_after(background, scope)")


def _opens_context(step: Any) -> bool:
    """Whether the step opens what must see an exception: a generator that waits to be closed."""
    return isinstance(step, Call) and _is_generator(step)


def _is_generator(call: Call) -> bool:
    is_generator = call.kind in (Kind.SYNC_GENERATOR, Kind.ASYNC_GENERATOR)
    return is_generator and not call.endpoint and call.lifetime != "app"


def _word(variable: str) -> str:
    return variable.removeprefix("v_")


def emit_call(code: Code, call: Call, held: bool, answers_errors: bool) -> None:
    with ExitStack() as blocks:
        if call.only_if_valid:
            valid = " and ".join(f"b_valid_{_word(into)}" for into in call.only_if_valid)
            blocks.enter_context(code.block(f"if {valid}:"))
        _emit_call(code, call, held, answers_errors)


def _emit_call(code: Code, call: Call, held: bool, answers_errors: bool) -> None:
    word = _word(call.into)
    if call.lifetime == "app":
        code.add(f"{call.into} = await {code.name('k_of_app', of_app)}(scope, k_recipe_{word})", call.where.name)
    elif call.turns is None and call.construction is not None:
        _emit_constructed(code, call, word, answers_errors)
    elif call.turns is None:
        _emit_called(code, call, word, held)
    else:
        turn = f"{code.name(f'k_turns_{word}', call.turns)}.semaphore()"
        if _is_generator(call):
            code.add(f"await b_{call.lifetime}_exits.enter_async_context({turn})", f"{call.turns.most} at once")
            _emit_called(code, call, word, held)
        else:
            with code.block(f"async with {turn}:", f"{call.turns.most} at once"):
                if call.construction is not None:
                    _emit_constructed(code, call, word, answers_errors)
                else:
                    _emit_called(code, call, word, held)


def _emit_constructed(code: Code, call: Call, word: str, answers_errors: bool) -> None:
    """A class that validates what it is made from: what it rejects is answered like any other value."""
    with code.block("try:"):
        _emit_called(code, call, word, held=False)
    values = ", ".join(each.value for each in call.arguments)
    again = code.name(f"k_again_{word}", call.construction.again)
    with code.block(f"except {code.name('k_Rejections', REJECTIONS)} as b_refused:"):
        code.add(f"{call.into}, b_found = {again}(b_refused, {values})")
        with code.block("if b_found:"):
            code.add("b_errors += b_found")
            emit_raise_errors(code, answers_errors, body=False)


def _emit_called(code: Code, call: Call, word: str, held: bool) -> None:
    count = count_by_position(call.target, [each.name for each in call.arguments])
    arguments = ", ".join(
        each.value if place < count and not each.keyword_only else f"{each.name}={each.value}"
        for place, each in enumerate(call.arguments)
    )
    # The endpoint's result has no parameter's name, and the names of the generator begin with `b_`.
    into, comment = f"b_{word}" if call.endpoint else call.into, call.where.name
    if _is_generator(call):
        wrap = sync_context if call.kind is Kind.SYNC_GENERATOR else asynccontextmanager
        manager = f"{code.name(f'k_call_{word}', wrap(call.target))}({arguments})"
        if call.kind is Kind.SYNC_GENERATOR:
            context = code.name("k_in_thread_context", ThreadContext)
            manager = f"{context}(scope, {manager}{', held=True' if held else ''})"
        code.add(f"{into} = await b_{call.lifetime}_exits.enter_async_context({manager})", comment)
        return
    target = code.name(f"k_call_{word}", call.target)
    if call.kind is Kind.SYNC:
        start = f"{code.name('k_in_thread', in_thread)}(scope"
        if held:
            key = code.name(f"k_key_{word}", identity_of(call.target))
            start = f"{code.name('k_in_held_thread', in_reserved_thread)}(scope, {key}"
        code.add(f"{into} = await {', '.join(part for part in (start, target, arguments) if part)})", comment)
    else:
        wait = "await " if call.kind is Kind.ASYNC else ""
        code.add(f"{into} = {wait}{target}({arguments})", comment)


EMIT: Mapping[type, Callable[[Code, Any], None]] = {
    Open: emit_open,
    Read: emit_read,
    ReadModel: emit_read_model,
    Split: emit_split,
    CheckUnknown: emit_check_unknown,
}

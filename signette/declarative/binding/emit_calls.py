"""Printing calls: of dependencies and of the endpoint. Those that share a worker thread are a function that it runs.

def b_calls_1(b_run):
    v_user = b_run(k_call_user, v_token)  # shop.user
    return b_run(k_call_result, v_user)  # shop.orders
b_result = await k_in_one_thread(scope, b_calls_1)
"""

from collections.abc import Sequence
from contextlib import ExitStack, asynccontextmanager

from signette.declarative.binding.app_scope import of_app
from signette.declarative.binding.codegen import Code
from signette.declarative.binding.emit_context import EmitContext, word_of
from signette.declarative.binding.emit_reads import emit_errors
from signette.declarative.binding.runtime import (
    ThreadContext,
    in_one_reserved_thread,
    in_one_thread,
    in_reserved_thread,
    in_thread,
    respond_early,
    sync_context,
)
from signette.declarative.plan.construction import REJECTIONS
from signette.declarative.plan.steps import Argument, Call
from signette.declarative.signature.callables import count_by_position, identity_of
from signette.declarative.signature.model import Kind


def emit_call(code: Code, call: Call, context: EmitContext) -> None:
    if call.only_for_app:
        return
    with ExitStack() as blocks:
        if call.only_if_valid:
            blocks.enter_context(code.block(f"if {condition_of(call)}:"))
        emit_alone(code, call, context)
        if call.ends_request:
            _emit_end(code, call)


def emit_alone(code: Code, call: Call, context: EmitContext) -> None:
    """Print the call itself, under its concurrency limit."""
    with ExitStack() as blocks:
        if call.concurrency_limit is not None:
            _emit_limit(code, call, blocks)
        _emit_by_lifetime(code, call, context)


def condition_of(call: Call) -> str:
    """Whether the values are valid without which it is not called."""
    return " and ".join(f"b_valid_{word_of(variable)}" for variable in call.only_if_valid)


def _emit_end(code: Code, call: Call) -> None:
    """End the request with the response that the guard of a policy has returned, if it has."""
    with code.block(f"if {call.into} is not None:"):
        code.add(f"await {code.name('k_respond_early', respond_early)}({call.into}, scope, receive, send)")
        code.add("return")


def _emit_limit(code: Code, call: Call, blocks: ExitStack) -> None:
    """Take a place under the concurrency limit: for the call, or until the generator is closed."""
    assert call.concurrency_limit is not None
    place = place_of(code, call)
    comment = f"{call.concurrency_limit.limit} at once"
    if call.stays_open:
        code.add(f"await b_{call.lifetime}_exits.enter_async_context({place})", comment)
    else:
        blocks.enter_context(code.block(f"async with {place}:", comment))


def place_of(code: Code, call: Call) -> str:
    """The semaphore of its concurrency limit."""
    return f"{code.name(f'k_concurrency_{word_of(call.into)}', call.concurrency_limit)}.semaphore()"


def _emit_by_lifetime(code: Code, call: Call, context: EmitContext) -> None:
    if call.lifetime == "app":
        provider = f"k_provider_{word_of(call.into)}"
        code.add(f"{call.into} = await {code.name('k_get_singleton', of_app)}(scope, {provider})", call.where.name)
    elif call.construction is not None:
        _emit_construction(code, call, context)
    elif call.stays_open:
        _emit_open(code, call)
    else:
        _emit_plain(code, call)


def _emit_construction(code: Code, call: Call, context: EmitContext) -> None:
    """Call a class that validates its arguments. If it rejects them, that is a validation error."""
    with code.block("try:"):
        _emit_plain(code, call)
    values = ", ".join(each.value for each in call.arguments)
    retry = code.name(f"k_retry_{word_of(call.into)}", call.construction.again)
    with code.block(f"except {code.name('k_Rejections', REJECTIONS)} as b_rejected:"):
        code.add(f"{call.into}, b_new_errors = {retry}(b_rejected, {values})")
        with code.block("if b_new_errors:"):
            code.add("b_errors = [*b_errors, *b_new_errors]")
            emit_errors(code, context, body=False)


def _emit_open(code: Code, call: Call) -> None:
    """Run a generator up to its `yield`."""
    manager = manager_of(code, call)
    code.add(f"{call.into} = await b_{call.lifetime}_exits.enter_async_context({manager})", call.where.name)


def manager_of(code: Code, call: Call) -> str:
    """The context manager of a generator."""
    word = word_of(call.into)
    if call.kind is Kind.SYNC_GENERATOR:
        context = code.name("k_ThreadContext", ThreadContext)
        manager = f"{code.name(f'k_call_{word}', sync_context(call.target))}({_arguments(code, call)})"
        return f"{context}(scope, {manager}{', held=True' if call.held else ''})"
    return f"{code.name(f'k_call_{word}', asynccontextmanager(call.target))}({_arguments(code, call)})"


def _emit_plain(code: Code, call: Call) -> None:
    word, into = word_of(call.into), _result_of(call)
    target, arguments = _target_of(code, call), _arguments(code, call)
    if call.executor is not None:
        executor = code.name(f"k_executor_{word}", call.executor)
        if call.held:
            key = code.name(f"k_key_{word}", identity_of(call.target))
            value = f"await {executor}.run_held({_joined(key, target, arguments)})"
        else:
            value = f"await {executor}.run({_joined(target, arguments)})"
    elif call.kind is Kind.SYNC and call.held:
        key = code.name(f"k_key_{word}", identity_of(call.target))
        thread = code.name("k_in_reserved_thread", in_reserved_thread)
        value = f"await {thread}({_joined('scope', key, target, arguments)})"
    elif call.kind is Kind.SYNC:
        value = f"await {code.name('k_in_thread', in_thread)}({_joined('scope', target, arguments)})"
    elif call.session:
        value = f"await {call.session}.run(lambda: {target}({arguments}))"
    else:
        value = f"{'await ' if call.kind is Kind.ASYNC else ''}{target}({arguments})"
    code.add(f"{into} = {value}", call.where.name)


def emit_in_one_thread(code: Code, calls: Sequence[Call]) -> None:
    """Print the calls of a thread."""
    *before, last = calls
    function = f"b_calls_{last.thread}"
    with code.block(f"def {function}(b_run):"):
        for call in before:
            code.add(f"{_result_of(call)} = {_run(code, call)}", call.where.name)
        # Nothing takes the results of dependencies when the endpoint has been called.
        results = [] if last.endpoint else [_result_of(call) for call in before]
        code.add(f"return {', '.join([*results, _run(code, last)])}", last.where.name)
    results.append(_result_of(last))
    if last.held:
        key = code.name(f"k_key_calls_{last.thread}", tuple(identity_of(call.target) for call in calls))
        thread, arguments = code.name("k_in_one_reserved_thread", in_one_reserved_thread), f"{key}, {function}"
    else:
        thread, arguments = code.name("k_in_one_thread", in_one_thread), function
    code.add(f"{', '.join(results)} = await {thread}(scope, {arguments})")


def _run(code: Code, call: Call) -> str:
    return f"b_run({_joined(_target_of(code, call), _arguments(code, call))})"


def _result_of(call: Call) -> str:
    """The variable that a call sets."""
    # No parameter has the name of the result, and the names of the generator begin with `b_`.
    return f"b_{word_of(call.into)}" if call.endpoint else call.into


def _target_of(code: Code, call: Call) -> str:
    """The name of the function that is called."""
    return code.name(f"k_call_{word_of(call.into)}", call.target)


def _arguments(code: Code, call: Call) -> str:
    """The arguments of the function, as they are printed."""
    count = count_by_position(call.target, [each.name for each in call.arguments])
    values = (_converted(code, each) for each in call.arguments)
    return ", ".join(
        value if place < count and not each.keyword_only else f"{each.name}={value}"
        for place, (each, value) in enumerate(zip(call.arguments, values, strict=True))
    )


def _converted(code: Code, argument: Argument) -> str:
    """The value of an argument, as an object of the class of another framework if it is annotated with one."""
    if argument.convert is None:
        return argument.value
    return f"{code.name(f'k_convert_{argument.name}', argument.convert)}({argument.value})"


def _joined(*arguments: str) -> str:
    """Arguments, without those that are empty."""
    return ", ".join(filter(None, arguments))

"""Printing a group of calls that run at the same time.

b_task_session = await b_request_exits.enter_async_context(k_GeneratorTask())
async def b_call_session():  # shop.session
    return await b_task_session.open(k_call_session())
async def b_call_prices():  # shop.prices
    v_prices = await k_call_prices(v_id)
    return v_prices
v_session, v_prices = await k_together(b_call_session, b_call_prices)
"""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from signette.declarative.binding.codegen import Code
from signette.declarative.binding.concurrent_calls import GeneratorTask, together
from signette.declarative.binding.emit_calls import condition_of, emit_alone, manager_of, place_of
from signette.declarative.binding.emit_context import EmitContext, word_of
from signette.declarative.plan.steps import Call
from signette.declarative.signature.model import Kind


def emit_together(code: Code, calls: Sequence[Call], context: EmitContext, before_function: Callable[[], None]) -> None:
    """Print the calls. `before_function` opens the block of the generators that end with the endpoint."""
    for call in calls:
        if call.stays_open and call.lifetime == "request":
            _emit_exit(code, call)
    before_function()
    for call in calls:
        if call.stays_open and call.lifetime == "function":
            _emit_exit(code, call)
    for call in calls:
        with code.block(f"async def b_call_{word_of(call.into)}():", call.where.name):
            if call.only_if_valid:
                with code.block(f"if not ({condition_of(call)}):"):
                    code.add("return None")
            if call.stays_open:
                code.add(f"return await b_task_{word_of(call.into)}.{_opener_of(call)}({manager_of(code, call)})")
            else:
                emit_alone(code, call, context)
                code.add(f"return {call.into}")
    results = ", ".join(call.into for call in calls)
    functions = ", ".join(f"b_call_{word_of(call.into)}" for call in calls)
    code.add(f"{results} = await {code.name('k_together', together)}({functions})")


def _emit_exit(code: Code, call: Call) -> None:
    """Print what closes a generator, so that the group is closed in the reverse order of the plan.

    Concurrency limits are waited for one by one: two requests could each have what the other waits for.
    """
    exits = f"b_{call.lifetime}_exits"
    if call.concurrency_limit is not None:
        place = f"await {exits}.enter_async_context({place_of(code, call)})"
        if call.only_if_valid:
            with code.block(f"if {condition_of(call)}:"):
                code.add(place)
        else:
            code.add(place, f"{call.concurrency_limit.limit} at once")
    made = GeneratorTask if call.kind is Kind.ASYNC_GENERATOR else AsyncExitStack
    task = code.name(f"k_{made.__name__}", made)
    code.add(f"b_task_{word_of(call.into)} = await {exits}.enter_async_context({task}())")


def _opener_of(call: Call) -> str:
    return "open" if call.kind is Kind.ASYNC_GENERATOR else "enter_async_context"

"""Calls of functions with dependencies outside of requests: in scripts, jobs and lifespans."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from functools import partial
from typing import Any

from anyio import get_current_task

from signette._threads import Run
from signette.declarative.binding.app_scope import called, of_app, providers_of
from signette.declarative.binding.concurrent_calls import GeneratorTask, together
from signette.declarative.binding.runtime import Exits, in_one_reserved_thread, in_one_thread
from signette.declarative.channels.feed import Feed, close_feeds
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.plan.steps import Call, Plan, Read
from signette.declarative.signature.callables import identity_of
from signette.declarative.signature.depends import Lifetime
from signette.declarative.signature.model import GENERATORS, Kind
from signette.types import Scope


class DependencyScope:
    """Calls functions and their dependencies without a request. Created by `App.scope`."""

    def __init__(self, app: Any, exits: AsyncExitStack) -> None:
        self._app = app
        self._exits = exits
        self._holds = False
        self._task = get_current_task().id

    async def call(self, function: Callable[..., Any], **values: Any) -> Any:
        """Call the dependencies of a function and the function. `values` are its other arguments.

        Generators with `scope="function"` are closed when it has returned, all others at the end of the block.

        Raises:
            SignatureError: a parameter without a default would be read from a request.
        """
        # The result is not sent, so it may be of any type.
        overrides, options = self._app.dependency_overrides, {"response_model": None}
        plan = plan_endpoint(
            Endpoint(function, "", (), overrides=overrides, options=options, outside=frozenset(values)),
        )
        return await self.run(plan, values, {"app": self._app})

    async def run(self, plan: Plan, values: Mapping[str, Any], scope: Scope) -> Any:
        """Make the calls of a plan that needs no request, and return the result. `values` are other arguments."""
        providers = providers_of(plan)
        known = {read.into: read.provider(scope) for read in plan.reads if isinstance(read, Read) and read.provider}
        async with AsyncExitStack() as stack:
            exits: dict[Lifetime, AsyncExitStack] = {"request": self._exits, "function": self._exits}
            known |= channels_of(plan, scope, stack)
            for batch in plan.batches:
                calls = [step for step in batch if isinstance(step, Call)]
                if len(calls) > 1:
                    if calls[0].group:
                        await self._call_together(calls, known, scope, exits, stack, plan)
                    else:
                        await self._call_in_one_thread(calls, known, values, scope)
                    continue
                for step in calls:
                    await self._open_function(step, exits, stack, plan)
                    if step.into in providers:
                        known[step.into] = await of_app(scope, providers[step.into])
                        continue
                    arguments = {each.name: known[each.value] for each in step.arguments}
                    arguments |= values if step.endpoint else {}
                    known[step.into] = await self._call(step, arguments, scope, exits[step.lifetime])
        return known["result"]

    async def _open_function(
        self, step: Call, exits: dict[Lifetime, AsyncExitStack], stack: AsyncExitStack, plan: Plan
    ) -> None:
        """Before the first generator that is closed when the function has returned: what closes it."""
        if step is plan.first_of_function:
            exits["function"] = await stack.enter_async_context(Exits())

    async def _call_in_one_thread(
        self, calls: Sequence[Call], known: dict[str, Any], values: Mapping[str, Any], scope: Scope
    ) -> None:
        """Make calls one after the other in one worker thread."""

        def call_all(run: Run) -> dict[str, Any]:
            results = dict(known)
            for call in calls:
                arguments = {each.name: results[each.value] for each in call.arguments}
                arguments |= values if call.endpoint else {}
                results[call.into] = run(call.target, **arguments)
            return results

        if self._holds or calls[0].held:
            key = tuple(identity_of(call.target) for call in calls)
            known |= await in_one_reserved_thread(scope, key, call_all)
        else:
            known |= await in_one_thread(scope, call_all)

    async def _call_together(
        self,
        calls: Sequence[Call],
        known: dict[str, Any],
        scope: Scope,
        exits: dict[Lifetime, AsyncExitStack],
        stack: AsyncExitStack,
        plan: Plan,
    ) -> None:
        """Make the calls of a group at the same time."""
        functions, opens = [], []
        for call in calls:  # those of the request come first
            await self._open_function(call, exits, stack, plan)
            arguments = {each.name: known[each.value] for each in call.arguments}
            if call.stays_open:
                opens.append(call)
            functions.append(await self._member(call, arguments, scope, exits[call.lifetime]))
        for call, result in zip(calls, await together(*functions), strict=True):
            known[call.into] = result
        self._holds = self._holds or any(map(_holds, opens))

    async def _member(
        self, call: Call, arguments: dict[str, Any], scope: Scope, exits: AsyncExitStack
    ) -> Callable[[], Awaitable[Any]]:
        """A function that makes the call. A generator is closed by `exits`, in the order of these."""
        held = call.held or self._holds
        if not call.stays_open:
            return partial(self._call, call, arguments, scope, exits)
        if call.concurrency_limit is not None:
            await exits.enter_async_context(call.concurrency_limit.semaphore())
        if call.kind is Kind.ASYNC_GENERATOR and get_current_task().id == self._task:
            task = await exits.enter_async_context(GeneratorTask())
            return partial(task.open, asynccontextmanager(call.target)(**arguments))
        own = await exits.enter_async_context(AsyncExitStack())
        if call.kind is Kind.ASYNC_GENERATOR:
            # Another task may close the scope, so this one cannot have a task group in it.
            result = await called(call, arguments, scope, own, held=held)
            return partial(_returned, result)
        return partial(called, call, arguments, scope, own, held=held)

    async def _call(self, call: Call, values: dict[str, Any], scope: Scope, exits: AsyncExitStack) -> Any:
        """Call it under its concurrency limit. A generator keeps its place until it is closed."""
        held = call.held or self._holds
        if call.kind not in GENERATORS:
            async with call.concurrency_limit.semaphore() if call.concurrency_limit is not None else nullcontext():
                return await called(call, values, scope, exits, held=held)
        if call.concurrency_limit is not None:
            await exits.enter_async_context(call.concurrency_limit.semaphore())
        result = await called(call, values, scope, exits, held=held)
        self._holds = self._holds or _holds(call)
        return result


def _holds(call: Call) -> bool:
    """Whether a generator holds something that others may wait for."""
    return call.kind is Kind.SYNC_GENERATOR or call.concurrency_limit is not None


async def _returned(result: Any) -> Any:
    return result


def channels_of(plan: Plan, scope: Scope, stack: AsyncExitStack) -> dict[str, Any]:
    """The channels of a plan that is run without a request, by their variables. The stack closes their feeds."""
    feeds: list[Feed[Any]] = []
    stack.push_async_callback(close_feeds, feeds)
    reads = [step for step in plan.reads if isinstance(step, Read) and step.channel is not None]
    return {read.into: read.channel.maker()(scope, (), feeds) for read in reads if read.channel is not None}


@asynccontextmanager
async def scope_of_app(app: Any) -> AsyncIterator[DependencyScope]:
    """A block in which functions can be called. At its end the generators of their dependencies are closed."""
    async with Exits() as exits:
        yield DependencyScope(app, exits)

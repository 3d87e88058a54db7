"""Calls of functions with dependencies outside of requests: in scripts, jobs and lifespans."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from typing import Any

from signette.declarative.binding.app_scope import called, of_app, providers_of
from signette.declarative.binding.runtime import Exits
from signette.declarative.channels.feed import Feed, close_feeds
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.plan.steps import Call, Plan, Read
from signette.declarative.signature.model import GENERATORS, Kind
from signette.types import Scope


class DependencyScope:
    """Calls functions and their dependencies without a request. Created by `App.scope`."""

    def __init__(self, app: Any, exits: AsyncExitStack) -> None:
        self._app = app
        self._exits = exits
        self._holds = False

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
            exits = {"request": self._exits, "function": self._exits}
            known |= channels_of(plan, scope, stack)
            for step in plan.calls:
                if step is plan.first_of_function:
                    exits["function"] = await stack.enter_async_context(Exits())
                if step.into in providers:
                    known[step.into] = await of_app(scope, providers[step.into])
                    continue
                arguments = {each.name: known[each.value] for each in step.arguments}
                arguments |= values if step.endpoint else {}
                known[step.into] = await self._call(step, arguments, scope, exits[step.lifetime])
        return known["result"]

    async def _call(self, call: Call, values: dict[str, Any], scope: Scope, exits: AsyncExitStack) -> Any:
        """Call it under its concurrency limit. A generator keeps its place until it is closed."""
        held = call.held or self._holds
        if call.kind not in GENERATORS:
            async with call.concurrency_limit.semaphore() if call.concurrency_limit is not None else nullcontext():
                return await called(call, values, scope, exits, held=held)
        if call.concurrency_limit is not None:
            await exits.enter_async_context(call.concurrency_limit.semaphore())
        result = await called(call, values, scope, exits, held=held)
        self._holds = self._holds or call.kind is Kind.SYNC_GENERATOR or call.concurrency_limit is not None
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

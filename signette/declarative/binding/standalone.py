"""Calls outside of requests: functions with dependencies, for scripts, jobs and the lifespan."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from typing import Any

from signette.declarative.binding.app_scope import called, of_app, providers_of
from signette.declarative.binding.runtime import Exits
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.plan.steps import Call
from signette.declarative.signature.model import GENERATORS, Kind
from signette.types import Scope


class DependencyScope:
    """Calls functions as a request would, without one. Made by `App.scope`."""

    def __init__(self, app: Any, exits: AsyncExitStack) -> None:
        self._app = app
        self._exits = exits
        self._holds = False

    async def call(self, function: Callable[..., Any], **values: Any) -> Any:
        """What a function gives whose dependencies are called first; `values` are parameters that are not theirs.

        Generators with `scope="function"` are left when it has returned, all others at the end of the block.

        Raises:
            PlanError: a parameter, or one of a dependency, would be read from a request, and has no default.
        """
        overrides, sent = self._app.dependency_overrides, {"response_model": None}  # nothing is: any type will do
        plan = plan_endpoint(
            Endpoint(function, "", (), overrides=overrides, options=sent, outside=frozenset(values)),
        )
        providers = providers_of(plan)
        known: dict[str, Any] = {}
        scope = {"app": self._app}
        async with Exits() as function_exits:
            exits = {"request": self._exits, "function": function_exits}
            for step in plan.steps:
                assert isinstance(step, Call)  # nothing is read, and so nothing is opened or refused
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


@asynccontextmanager
async def scope_of_app(app: Any) -> AsyncIterator[DependencyScope]:
    """Within it, functions can be called; what their dependencies have open is closed at its end."""
    async with Exits() as exits:
        yield DependencyScope(app, exits)

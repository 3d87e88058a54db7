"""Calls outside of requests: functions with dependencies, for scripts, jobs and the lifespan."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from signette.declarative.appscope import called, of_app, recipes_of
from signette.declarative.calls import Exits
from signette.declarative.ir import Call, Kind
from signette.declarative.plan import Endpoint, plan_endpoint
from signette.types import Scope


class Outside:
    """Calls functions as a request would, without one. Made by `App.scope`."""

    def __init__(self, app: Any, exits: AsyncExitStack) -> None:
        self._app = app
        self._exits = exits

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
        recipes = recipes_of(plan)
        known: dict[str, Any] = {}
        scope = {"app": self._app}
        async with Exits() as function_exits:
            exits = {"request": self._exits, "function": function_exits}
            for step in plan.steps:
                assert isinstance(step, Call)  # nothing is read, and so nothing is opened or refused
                if step.into in recipes:
                    known[step.into] = await of_app(scope, recipes[step.into])
                    continue
                arguments = {each.name: known[each.value] for each in step.arguments}
                arguments |= values if step.endpoint else {}
                known[step.into] = await _in_turn(step, arguments, scope, exits[step.lifetime])
        return known["result"]


async def _in_turn(call: Call, values: dict[str, Any], scope: Scope, exits: AsyncExitStack) -> Any:
    """What the call comes to, once there is a turn for it: a generator keeps it to its end, all else while it runs."""
    if call.turns is None:
        return await called(call, values, scope, exits)
    if call.kind in (Kind.SYNC_GENERATOR, Kind.ASYNC_GENERATOR):
        await exits.enter_async_context(call.turns.semaphore())
        return await called(call, values, scope, exits)
    async with call.turns.semaphore():
        return await called(call, values, scope, exits)


@asynccontextmanager
async def outside_of(app: Any) -> AsyncIterator[Outside]:
    """Within it, functions can be called; what their dependencies have open is closed at its end."""
    async with Exits() as exits:
        yield Outside(app, exits)

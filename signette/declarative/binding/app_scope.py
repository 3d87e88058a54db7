"""Dependencies that live as long as the application: made once, when it starts or when first asked for.

Theory of operation. A call of lifetime "app" asks for nothing but other such calls, so that it can be told without a
request: its `Provider`. What a recipe came to is kept in the application's `SingletonStore`, under a key that says the
callable and those that it asks for; an override anywhere below makes another key, and so another value.

Each event loop has one `SingletonStore` of an application. A lifespan fills it at its start, which is where all
requests find it from then on, and closes it at its end, last made first closed; where several lifespans are on at once,
as those of two test clients, each loop has its own. Without a lifespan (a server or a test client that speaks none) it
is filled by the first requests, and nobody closes it.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio

from signette.declarative.binding.runtime import ThreadContext, in_reserved_thread, in_thread, sync_context
from signette.declarative.plan.steps import Argument, Call, Plan
from signette.declarative.signature.callables import identity_of
from signette.declarative.signature.model import Kind
from signette.types import Scope


@dataclass(frozen=True, slots=True, eq=False)
class Provider:
    """How a value of the application is made: a call, and the recipes of its arguments."""

    call: Call
    needs: tuple[tuple[Argument, "Provider"], ...]
    key: Hashable


def providers_of(plan: Plan) -> Mapping[str, Provider]:
    """The recipes of a plan by the variables that their values go into, each behind those that it needs."""
    found: dict[str, Provider] = {}
    for step in plan.steps:
        if isinstance(step, Call) and step.lifetime == "app":
            needs = tuple((each, found[each.value]) for each in step.arguments)
            key = (identity_of(step.target), *((each.name, need.key) for each, need in needs))
            found[step.into] = Provider(step, needs, key)
    return found


async def called(call: Call, values: Mapping[str, Any], scope: Scope, exits: AsyncExitStack, *, held: bool) -> Any:
    """What a call comes to without a binder; a generator is left with the exits.

    `held`: whoever asks for it may hold something that others wait for.
    """
    match call.kind:
        case Kind.ASYNC_GENERATOR:
            return await exits.enter_async_context(asynccontextmanager(call.target)(**values))
        case Kind.SYNC_GENERATOR:
            context = ThreadContext(scope, sync_context(call.target)(**values), held=held)
            return await exits.enter_async_context(context)
        case Kind.SYNC if held:
            return await in_reserved_thread(scope, identity_of(call.target), call.target, **values)
        case Kind.SYNC:
            return await in_thread(scope, call.target, **values)
    made = call.target(**values)
    return await made if call.kind is Kind.ASYNC else made


class SingletonStore:
    """What was made for an application so far."""

    def __init__(self, app: Any) -> None:
        self.values: dict[Hashable, Any] = {}
        self._app = app
        self._exits = AsyncExitStack()
        self._lock = anyio.Lock()

    async def get(self, recipe: Provider) -> Any:
        """The recipe's value, made now if nobody has asked for it before."""
        try:
            return self.values[recipe.key]
        except KeyError:
            async with self._lock:
                return await self._make(recipe)

    async def fill(self, plans: Iterable[Plan]) -> None:
        """Make all that these plans want of the application."""
        for plan in plans:
            for recipe in providers_of(plan).values():
                await self.get(recipe)

    async def _make(self, recipe: Provider) -> Any:
        if recipe.key not in self.values:
            values = {argument.name: await self._make(need) for argument, need in recipe.needs}
            scope = {"app": self._app}
            self.values[recipe.key] = await called(recipe.call, values, scope, self._exits, held=True)
        return self.values[recipe.key]

    async def close(self) -> None:
        """Close what was made, the last first. Shielded: a server that is told to hurry leaves nothing open."""
        self.values.clear()
        with anyio.CancelScope(shield=True):
            await self._exits.aclose()


async def of_app(scope: Scope, recipe: Provider) -> Any:
    """At a request: the value that the application keeps."""
    singletons: Callable[[], SingletonStore] | None = getattr(scope.get("app"), "_singletons", None)
    if singletons is None:
        raise RuntimeError(
            f'{recipe.call.where} lives as long as the application (`scope="app"`), and no `App` answers here\n'
            "  mend: include or mount the router in an `App`"
        )
    return await singletons().get(recipe)

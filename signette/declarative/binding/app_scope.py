"""Dependencies with `scope="app"`: created once, when the application starts or at first use.

Theory of operation. A call of lifetime "app" depends only on other such calls, so it needs no request: it is a
`Provider`. Its value is kept in the `SingletonStore` of the application. The key consists of the callable and the
callables that it depends on, so an override of any of them has another value.

Each event loop has its own `SingletonStore`. A lifespan fills the store of its loop when it starts, and closes it when
it ends, values in reverse order. While one lifespan runs, all requests use its store; while several run, as those of
two test clients do, each loop uses its own. Without a lifespan the first requests fill the store, and it is not closed.
A generator that a request makes while a lifespan runs gets a task that keeps it open, in the context of the lifespan.
"""

from collections.abc import AsyncGenerator, Callable, Hashable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import Context, copy_context
from typing import Any

import anyio
from anyio import create_task_group
from anyio.abc import TaskGroup
from anyio.lowlevel import current_token

from signette._dataclasses import dataclass
from signette.declarative.binding.runtime import ThreadContext, in_reserved_thread, in_thread, sync_context
from signette.declarative.plan.steps import Argument, Call, Plan
from signette.declarative.signature.callables import identity_of
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import Kind
from signette.types import Scope


@dataclass(frozen=True, slots=True, eq=False)
class Provider:
    """Creates a value of the application: a call, and the providers of its arguments."""

    call: Call
    needs: tuple[tuple[Argument, "Provider"], ...]
    key: Hashable


def providers_of(plan: Plan) -> Mapping[str, Provider]:
    """The providers of a plan by their variables, each after those that it needs."""
    found: dict[str, Provider] = {}
    for step in plan.steps:
        if isinstance(step, Call) and step.lifetime == "app":
            needs = tuple((each, found[each.value]) for each in step.arguments)
            key = (identity_of(step.target), *((each.name, need.key) for each, need in needs))
            found[step.into] = Provider(step, needs, key)
    return found


async def called(call: Call, values: Mapping[str, Any], scope: Scope, exits: AsyncExitStack, *, held: bool) -> Any:
    """Make a call without a binder, and return its result. A generator is closed by `exits`.

    `held`: the caller may hold something that others wait for.
    """
    if call.executor is not None:
        key = identity_of(call.target)
        running = (
            call.executor.run_held(key, call.target, **values) if held else call.executor.run(call.target, **values)
        )
        return await running
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


_GENERATORS = (Kind.ASYNC_GENERATOR, Kind.SYNC_GENERATOR)


class _Opening:
    """What a request waits for while a task opens a generator."""

    def __init__(self) -> None:
        self.scope = anyio.CancelScope()
        self.done = anyio.Event()
        self.ended = anyio.Event()
        self.value: Any = MISSING
        self.failure: Exception | None = None

    def note(self, value: Any) -> None:
        self.value = value
        self.done.set()

    async def value_of(self, call: Call) -> Any:
        """The value. Raises what the generator has raised."""
        try:
            await self.done.wait()
        except BaseException:
            self.scope.cancel()  # the request was cancelled
            with anyio.CancelScope(shield=True):
                await self.ended.wait()
            raise
        failure, self.failure = self.failure, None
        if failure is not None:
            try:
                raise failure
            finally:
                del failure  # its traceback holds this frame
        if self.value is MISSING:
            raise RuntimeError(f"{call.where} was not opened: the application stops")
        return self.value


class SingletonStore:
    """The values of an application."""

    def __init__(self, app: Any) -> None:
        self.values: dict[Hashable, Any] = {}
        self._app = app
        self._exits = AsyncExitStack()
        self._lock = anyio.Lock()
        self._keepers: TaskGroup | None = None
        self._loop: object = None
        self._context = Context()

    @asynccontextmanager
    async def running(self, plans: Iterable[Plan]) -> AsyncGenerator[None]:
        """Create the values that these plans need, and close all values at the end.

        A forced shutdown of a server leaves nothing open: closing is shielded.
        """
        try:
            async with create_task_group() as keepers:
                # Around the cancel scopes that generators may have around their `yield`.
                with anyio.CancelScope() as closing:
                    try:
                        await self.fill(plans)
                        self._keepers, self._loop, self._context = keepers, current_token(), copy_context()
                        yield
                    finally:
                        self._keepers = None
                        closing.shield = True
                        await self.close()
        except BaseExceptionGroup as group:
            if len(group.exceptions) > 1:
                raise
            only = group.exceptions[0]  # a keeper raises nothing
            raise only from only.__cause__

    async def get(self, provider: Provider) -> Any:
        """The value of a provider, created at first use."""
        try:
            return self.values[provider.key]
        except KeyError:
            async with self._lock:
                return await self._make(provider)

    async def fill(self, plans: Iterable[Plan]) -> None:
        """Create all values that these plans need."""
        for plan in plans:
            for provider in providers_of(plan).values():
                await self.get(provider)

    async def _make(self, provider: Provider) -> Any:
        if provider.key not in self.values:
            values = {argument.name: await self._make(need) for argument, need in provider.needs}
            self.values[provider.key] = await self._call(provider.call, values)
        return self.values[provider.key]

    async def _call(self, call: Call, values: Mapping[str, Any]) -> Any:
        keepers = self._keepers
        if keepers is None or call.kind not in _GENERATORS or self._loop != current_token():
            return await called(call, values, {"app": self._app}, self._exits, held=True)
        # A request makes it. A cancel scope around its `yield` must be left in the task that has entered it. The
        # context of the request would keep the request until then.
        opening = _Opening()
        self._context.run(keepers.start_soon, self._keep, call, values, opening)
        return await opening.value_of(call)

    async def _keep(self, call: Call, values: Mapping[str, Any], opening: "_Opening") -> None:
        """Hold a generator open in a task, until the values are closed."""
        end, ended, failures = anyio.Event(), opening.ended, list[Exception]()

        async def close() -> None:
            end.set()
            await ended.wait()
            if failures:
                raise failures[0]

        with opening.scope as scope:
            try:
                async with AsyncExitStack() as exits:
                    value = await called(call, values, {"app": self._app}, exits, held=True)
                    scope.shield = True
                    self._exits.push_async_callback(close)
                    opening.note(value)
                    await end.wait()
            except Exception as failure:
                if end.is_set():
                    failures.append(failure)
                elif opening.done.is_set():  # something inside of it has failed while it was open
                    raise
                else:
                    opening.failure = failure
            finally:
                ended.set()
                opening.done.set()

    async def close(self) -> None:
        """Close all generators, in reverse order."""
        self.values.clear()
        await self._exits.aclose()


async def of_app(scope: Scope, provider: Provider) -> Any:
    """The value of a provider in the application that handles the request."""
    singletons: Callable[[], SingletonStore] | None = getattr(scope.get("app"), "_singletons", None)
    if singletons is None:
        raise RuntimeError(
            f'{provider.call.where} has `scope="app"`, and the request is not handled by an `App`\n'
            "  hint: include or mount the router in an `App`"
        )
    return await singletons().get(provider)

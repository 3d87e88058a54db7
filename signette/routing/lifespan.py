"""Lifespans: startup and shutdown of an application and of the applications mounted in it."""

import inspect
import traceback
import warnings
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

from signette.draining import draining_on_signals
from signette.exceptions import SignetteDeprecationWarning
from signette.types import Lifespan, Receive, Scope, Send

LifespanContext = Callable[[Any], AbstractAsyncContextManager[Any]]

_ADVICE = "function lifespans are deprecated, use an @contextlib.asynccontextmanager function instead"


@asynccontextmanager
async def no_lifespan(app: Any) -> AsyncIterator[None]:  # noqa: ARG001 - the signature of a lifespan
    """The default lifespan, which does nothing."""
    yield


def as_context(lifespan: Lifespan[Any]) -> LifespanContext:
    """Convert the value of `lifespan=` to a function that returns an async context manager.

    Raises:
        TypeError: it is a coroutine function, a synchronous context manager, the result of a call, or not callable.
    """
    if isinstance(lifespan, AbstractAsyncContextManager):
        raise TypeError(
            f"`lifespan=` takes a function, got the result of a call, {lifespan!r}; pass the function itself"
        )
    if not callable(lifespan) or inspect.iscoroutinefunction(lifespan) or _is_sync_manager(lifespan):
        name = getattr(lifespan, "__name__", repr(lifespan))
        raise TypeError(
            f"`lifespan={name}` does not return an async context manager;"
            " write an `async def` with `@asynccontextmanager` and a `yield` between startup and shutdown"
        )
    if inspect.isasyncgenfunction(lifespan):
        warnings.warn(f"async generator {_ADVICE}", SignetteDeprecationWarning, stacklevel=4)
        return asynccontextmanager(lifespan)
    if inspect.isgeneratorfunction(lifespan):
        warnings.warn(f"generator {_ADVICE}", SignetteDeprecationWarning, stacklevel=4)
        return _AsyncLifespan(lifespan)
    return lifespan


def _is_sync_manager(lifespan: Any) -> bool:
    """Whether a function is decorated with `@contextmanager`: all such functions share their code object."""
    return getattr(lifespan, "__code__", None) is _SYNC_MANAGER


_SYNC_MANAGER = contextmanager(iter).__code__


class _AsyncLifespan:
    """A generator function as an async lifespan. A class, so that the application can be pickled."""

    def __init__(self, lifespan: Callable[[Any], Any]) -> None:
        self._lifespan = lifespan

    @asynccontextmanager
    async def __call__(self, app: Any) -> AsyncIterator[Any]:
        with contextmanager(self._lifespan)(app) as state:
            yield state


async def handle_lifespan(router: Any, scope: Scope, receive: Receive, send: Send) -> None:
    """Handle the ASGI lifespan protocol for a router and the applications mounted in it.

    Exceptions are sent to the server with their traceback, and raised.
    """
    await receive()  # lifespan.startup
    failure = "lifespan.startup.failed"
    try:
        async with run_all_lifespans(router, scope.get("app")) as state:
            if state:
                _state_of(scope).update(state)
            await send({"type": "lifespan.startup.complete"})
            failure = "lifespan.shutdown.failed"
            async with draining_on_signals():
                await receive()  # lifespan.shutdown
    except BaseException:
        await send({"type": failure, "message": traceback.format_exc()})
        raise
    await send({"type": "lifespan.shutdown.complete"})


async def fail_startup(receive: Receive, send: Send) -> None:
    """Send `lifespan.startup.failed` with the current exception.

    Without it, servers would assume that the application has no lifespan, and start.
    """
    await receive()  # lifespan.startup
    await send({"type": "lifespan.startup.failed", "message": traceback.format_exc()})


def _state_of(scope: Scope) -> dict[str, Any]:
    if "state" not in scope:
        raise RuntimeError('The server does not support "state" in the lifespan scope.')
    state: dict[str, Any] = scope["state"]
    return state


@asynccontextmanager
async def run_all_lifespans(router: Any, app: Any) -> AsyncIterator[Mapping[str, Any] | None]:
    """Run the lifespans of a router and of the applications mounted in it. Yields the state of the router.

    Outer lifespans start first and stop last. An application that is mounted twice, or shares its lifespan with the
    outer application, starts once. Requests to its mounts see the state that its lifespan yields.
    """
    async with AsyncExitStack() as stack:
        state = await stack.enter_async_context(router.lifespan_context(app))
        await _start_mounted(router, stack, {id(router): state}, [original_lifespan(router.lifespan_context)])
        yield state


async def _start_mounted(
    router: Any, stack: AsyncExitStack, states: dict[int, Any], contexts: list[LifespanContext]
) -> None:
    for mount in _mounts(router.routes):
        app = lifespan_owner(mount.mounted_app)
        inner = getattr(app, "router", app)
        if app is None:
            continue
        if id(inner) not in states:
            states[id(inner)] = None
            context = inner.lifespan_context
            if (known := original_lifespan(context)) not in contexts:
                contexts.append(known)
                states[id(inner)] = await stack.enter_async_context(context(app))
            await _start_mounted(inner, stack, states, contexts)
        if state := states[id(inner)]:
            mount.lifespan_state = state
            stack.callback(mount.forget_state)


def original_lifespan(context: LifespanContext) -> LifespanContext:
    """The lifespan that was passed to the router, if `context` combines it with others. Identifies equal lifespans.

    A mounted application that has the lifespan of the outer application does not start it again.
    """
    original: LifespanContext = getattr(context, "original_lifespan", context)
    return original


def _mounts(routes: Iterable[Any]) -> list[Any]:
    return [route for route in routes if getattr(route, "starts_mounted", False)]


def lifespan_owner(app: Any) -> Any:
    """The application whose lifespan runs: the mounted one, or the one inside its middleware. None without a lifespan.

    It is recognized by its router's attribute `lifespan_context`, as in Starlette and FastAPI.
    """
    seen = 0
    while app is not None and seen < 100:  # middleware may refer to itself
        if hasattr(getattr(app, "router", app), "lifespan_context"):
            return app
        app = getattr(app, "app", None)
        seen += 1
    return None

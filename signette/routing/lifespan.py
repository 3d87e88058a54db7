"""Starting and stopping with the server: the application's own lifespan, and those of what is mounted in it."""

import inspect
import traceback
import warnings
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

from signette.exceptions import SignetteDeprecationWarning
from signette.types import Lifespan, Receive, Scope, Send

LifespanContext = Callable[[Any], AbstractAsyncContextManager[Any]]

_ADVICE = "function lifespans are deprecated, use an @contextlib.asynccontextmanager function instead"


@asynccontextmanager
async def no_lifespan(app: Any) -> AsyncIterator[None]:  # noqa: ARG001 - the shape of a lifespan
    """Nothing to start, nothing to stop."""
    yield


def as_context(lifespan: Lifespan[Any]) -> LifespanContext:
    """What was given as `lifespan`, as a function that gives an async context manager.

    Raises:
        TypeError: it is a coroutine function, a synchronous context manager, its own call, or nothing to call.
    """
    if isinstance(lifespan, AbstractAsyncContextManager):
        raise TypeError(f"`lifespan=` is given {lifespan!r}, a call: give the function itself")
    if not callable(lifespan) or inspect.iscoroutinefunction(lifespan) or _is_sync_manager(lifespan):
        name = getattr(lifespan, "__name__", repr(lifespan))
        raise TypeError(
            f"`lifespan={name}` gives no async context manager:"
            " write `@asynccontextmanager`, `async def`, and a `yield` between start and end"
        )
    if inspect.isasyncgenfunction(lifespan):
        warnings.warn(f"async generator {_ADVICE}", SignetteDeprecationWarning, stacklevel=4)
        return asynccontextmanager(lifespan)
    if inspect.isgeneratorfunction(lifespan):
        warnings.warn(f"generator {_ADVICE}", SignetteDeprecationWarning, stacklevel=4)
        return _AsyncLifespan(lifespan)
    return lifespan


def _is_sync_manager(lifespan: Any) -> bool:
    """Whether `@contextmanager` was put on it, known by the code that all those functions share."""
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


async def speak_lifespan(router: Any, scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI lifespan protocol for a router and all that is mounted in its routes.

    What goes wrong is told to the server with its traceback, and raised.
    """
    await receive()  # lifespan.startup
    answer = "lifespan.startup.failed"
    try:
        async with running(router, scope.get("app")) as state:
            if state:
                _state_of(scope).update(state)
            await send({"type": "lifespan.startup.complete"})
            answer = "lifespan.shutdown.failed"
            await receive()  # lifespan.shutdown
    except BaseException:
        await send({"type": answer, "message": traceback.format_exc()})
        raise
    await send({"type": "lifespan.shutdown.complete"})


async def refuse_start(receive: Receive, send: Send) -> None:
    """Tell the server of an exception before there was a lifespan: servers take its silence for one that has none."""
    await receive()  # lifespan.startup
    await send({"type": "lifespan.startup.failed", "message": traceback.format_exc()})


def _state_of(scope: Scope) -> dict[str, Any]:
    if "state" not in scope:
        raise RuntimeError('The server does not support "state" in the lifespan scope.')
    state: dict[str, Any] = scope["state"]
    return state


@asynccontextmanager
async def running(router: Any, app: Any) -> AsyncIterator[Mapping[str, Any] | None]:
    """Within it, the router's lifespan and those of mounted applications are on; gives the router's own state.

    Outer ones start first and stop last. An application that is mounted twice, or shares its lifespan with the one
    around it, is started once; the state it yields is seen by requests to its mounts.
    """
    async with AsyncExitStack() as stack:
        state = await stack.enter_async_context(router.lifespan_context(app))
        await _start_mounted(router, stack, {id(router): state}, [counts_as(router.lifespan_context)])
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
            if (known := counts_as(context)) not in contexts:
                contexts.append(known)
                states[id(inner)] = await stack.enter_async_context(context(app))
            await _start_mounted(inner, stack, states, contexts)
        if state := states[id(inner)]:
            mount.lifespan_state = state
            stack.callback(mount.forget_state)


def counts_as(context: LifespanContext) -> LifespanContext:
    """The lifespan by which another is recognized: the one that was given to its router, if others were added to it.

    An application that is mounted with the lifespan of the application around it does not start that again.
    """
    given: LifespanContext = getattr(context, "counts_as", context)
    return given


def _mounts(routes: Iterable[Any]) -> list[Any]:
    return [route for route in routes if getattr(route, "starts_mounted", False)]


def lifespan_owner(app: Any) -> Any:
    """What of a mounted application has a lifespan: itself, or what stands inside its middleware. None: nothing has.

    An application has a `router` with the attribute `lifespan_context`; so have those of Starlette and FastAPI.
    """
    seen = 0
    while app is not None and seen < 100:  # a layer might hold itself
        if hasattr(getattr(app, "router", app), "lifespan_context"):
            return app
        app = getattr(app, "app", None)
        seen += 1
    return None

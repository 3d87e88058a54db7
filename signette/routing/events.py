"""Startup and shutdown functions: the form that lifespans had before `lifespan=`."""

import inspect
import warnings
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from signette.concurrency import is_async_callable
from signette.exceptions import SignetteDeprecationWarning

EventFunction = Callable[[], Any]
Function = TypeVar("Function", bound=EventFunction)


class EventLifespan:
    """A lifespan that runs functions: those for startup before its `yield`, those for shutdown after it, in order.

    An exception ends it: functions after the one that fails do not run.
    """

    has_effect = True

    def __init__(self) -> None:
        self.startup: list[EventFunction] = []
        self.shutdown: list[EventFunction] = []

    @asynccontextmanager
    async def __call__(self, app: Any) -> AsyncIterator[None]:  # noqa: ARG002 - the signature of a lifespan
        await _run(self.startup)
        try:
            yield
        finally:
            await _run(self.shutdown)

    def functions(self, event_type: str) -> list[EventFunction]:
        """The functions for "startup" or "shutdown"."""
        if event_type not in ("startup", "shutdown"):
            raise ValueError(f'unknown event {event_type!r}; use "startup" or "shutdown"')
        return self.startup if event_type == "startup" else self.shutdown

    def extend(self, argument: str, event_type: str, functions: Sequence[EventFunction], stacklevel: int) -> None:
        """Add functions, and warn that lifespans replace them. `argument` is what the user has written."""
        listed = self.functions(event_type)
        for function in functions:
            _check(function, event_type)
        self.warn(argument, stacklevel + 1)
        listed.extend(functions)

    def warn(self, argument: str, stacklevel: int) -> None:
        """Warn that lifespans replace `argument`, and whether its functions run at all."""
        hint = "`lifespan=`, an async context manager with a `yield` between startup and shutdown"
        text = f"{argument} is deprecated; use {hint}"
        if not self.has_effect:
            text = f"{argument} has no effect, because there is a `lifespan=`; move the code to the lifespan"
        warnings.warn(text, SignetteDeprecationWarning, stacklevel=stacklevel + 1)


def add_events(
    owner: "EventMethods",
    on_startup: Sequence[EventFunction] | None,
    on_shutdown: Sequence[EventFunction] | None,
    *,
    stacklevel: int,
) -> None:
    """Add the functions of the arguments `on_startup=` and `on_shutdown=`."""
    for event_type, functions in (("startup", on_startup), ("shutdown", on_shutdown)):
        if functions:
            owner._events().extend(f"`on_{event_type}=`", event_type, functions, stacklevel + 1)


async def _run(functions: list[EventFunction]) -> None:
    for function in functions:
        if is_async_callable(function):
            await function()
        else:
            function()


def _check(function: Any, event_type: str) -> None:
    """Reject what could not be called at startup. Raises TypeError."""
    name = getattr(function, "__name__", repr(function))
    if not callable(function):
        raise TypeError(f"expected a {event_type} function, got {name}")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(
            f"the {event_type} function `{name}` has a `yield`, so it would not run; decorate it with"
            " `@asynccontextmanager`, and pass it as `lifespan=`"
        )
    try:
        arguments = inspect.signature(function)
    except ValueError:  # a function of C without a signature
        return
    try:
        arguments.bind()
    except TypeError:
        raise TypeError(
            f"the {event_type} function `{name}` has required parameters, but it is called without arguments"
        ) from None


class EventMethods:
    """Methods that add startup and shutdown functions."""

    def _events(self) -> EventLifespan:
        """The lifespan of the functions."""
        raise NotImplementedError

    def on_event(self, event_type: str) -> Callable[[Function], Function]:
        """Decorator: run the function at "startup" or "shutdown". Deprecated: use `lifespan=`.

        Without a `lifespan=`, startup functions run in the order of their declaration, async or not, and so do those
        for shutdown. An application or a router with a `lifespan=` does not run its own functions; an included router
        without one runs its functions.
        """
        events = self._events()
        functions = events.functions(event_type)
        events.warn("`on_event`", stacklevel=2)

        def declare(function: Function) -> Function:
            _check(function, event_type)
            functions.append(function)
            return function

        return declare

    def add_event_handler(self, event_type: str, func: EventFunction) -> None:
        """Run a function at "startup" or "shutdown". Deprecated: use `lifespan=`. See `on_event`."""
        self._events().extend("`add_event_handler`", event_type, [func], stacklevel=2)

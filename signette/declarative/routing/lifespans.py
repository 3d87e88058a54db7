"""The lifespan of a router combined with those of the routers that it includes."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from signette.routing.lifespan import LifespanContext, no_lifespan


class CombinedLifespan:
    """The lifespan of a router combined with those of the routers that it includes.

    Outer lifespans start first and stop last, and their state has precedence. `outermost` starts before all of
    them, and `innermost` after. A lifespan that several routers share runs once.
    """

    def __init__(
        self,
        own: LifespanContext,
        included: Iterable[LifespanContext],
        outermost: LifespanContext | None,
        innermost: LifespanContext | None,
    ) -> None:
        self.own = own
        self._outermost = outermost
        self._every: list[LifespanContext] = []
        for lifespan in (own, *included):
            if lifespan not in self._every:  # an object may not be hashable
                self._every.append(lifespan)
        self._innermost = innermost

    @asynccontextmanager
    async def __call__(self, app: Any) -> AsyncIterator[Mapping[str, Any] | None]:
        async with AsyncExitStack() as stack:
            if self._outermost is not None:
                await stack.enter_async_context(self._outermost(app))
            states = [await stack.enter_async_context(lifespan(app)) for lifespan in self._every]
            if self._innermost is not None:
                await stack.enter_async_context(self._innermost(app))
            yield {name: value for state in reversed(states) for name, value in (state or {}).items()} or None

    @property
    def original_lifespan(self) -> LifespanContext:
        """See `routing.lifespan.original_lifespan`: the router's own lifespan, if it has one."""
        return self if self.own is no_lifespan else self.own

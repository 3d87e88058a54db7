"""Health checks: `/livez` and `/readyz`, for Kubernetes, load balancers and Compose.

`/livez` responds 200 while the process handles requests. A process that does not respond should be restarted.
`/readyz` responds 200 if the process should get requests: it has started, it does not end, and each check passes.
"""

import functools
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from threading import Lock
from typing import Any, Literal, TypeVar

from anyio import Event, create_task_group, from_thread, move_on_after, to_thread

from signette._dataclasses import dataclass
from signette._per_loop import PerLoop
from signette.concurrency import is_async_callable
from signette.declarative.errors.base import UnresolvedForwardRef
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.routing.route_list import HealthRoute
from signette.declarative.signature.outcomes import Ok
from signette.draining import current_draining
from signette.problems import Problem
from signette.requests import Request

__all__ = ["Alive", "Health", "NotReady", "Ready"]

logger = logging.getLogger("signette.health")

Check = Callable[..., Any]
Function = TypeVar("Function", bound=Check)
CheckStatus = Literal["ok", "failed", "timeout"]
Reason = Literal["starting", "draining", "checks"]

STATE = "state"
"""The name of the check of the application's backend."""

_NOT_STORED = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Alive:
    """The process handles requests."""

    status: Literal["alive"] = "alive"


@dataclass(frozen=True, slots=True)
class Ready:
    """The process should get requests."""

    checks: dict[str, CheckStatus]
    status: Literal["ready"] = "ready"


class NotReady(Problem, status=503, title="Not ready", headers=_NOT_STORED):
    """The process should get no requests now."""

    reason: Reason
    checks: dict[str, CheckStatus]


class Health:
    """The health checks of an application: `App(health=Health(database))`. `App(health=True)` has no checks.

    A check is a function that raises or returns False if something that requests need does not work. Its parameters are
    dependencies, most of them with `scope="app"`. Its name is in the response of `/readyz`, what it raises is only
    logged. `state=False` leaves out the check `state`, of the application's `Backend`. `timeout` is the limit of each
    check in seconds. A path that is None adds no route. The dependencies of the application do not run for these
    routes.

    Raises:
        TypeError: a check is not a function with a name.
        ValueError: two checks have the same name, both paths are the same, or the timeout is not positive.
        SignatureError: a parameter of a check would be read from a request.
    """

    def __init__(
        self,
        *checks: Check,
        livez: str | None = "/livez",
        readyz: str | None = "/readyz",
        state: bool = True,
        timeout: float = 2.0,
        include_in_schema: bool = False,
    ) -> None:
        if not timeout > 0:
            raise ValueError(f"`timeout` must be a positive number of seconds, not {timeout!r}")
        if livez is not None and livez == readyz:
            raise ValueError(f"`livez` and `readyz` have the same path {livez!r}")
        self.livez = livez
        self.readyz = readyz
        self.state = state
        self.timeout = timeout
        self.include_in_schema = include_in_schema
        self.checks: dict[str, Check] = {}
        self._failing: set[str] = set()
        for each in checks:
            self.check(each)

    def check(self, function: Function) -> Function:
        """Decorator: add a check. The name of the function is the name of the check."""
        name = getattr(function, "__name__", None)
        if not callable(function) or name is None:
            raise TypeError(f"a check is a function with a name, not {function!r}")
        if name in self.checks or (name == STATE and self.state):
            raise ValueError(f"there are two checks `{name}`; rename one")
        with suppress(UnresolvedForwardRef):  # resolved at the first request
            plan_endpoint(Endpoint(function, "", (), options={"response_model": None}, outside=frozenset()))
        self.checks[name] = function if is_async_callable(function) else _in_thread(function)
        return function

    def routes(self) -> list[HealthRoute]:
        """The routes for an application."""
        return [
            HealthRoute(path, endpoint, name=name, tags=["health"], include_in_schema=self.include_in_schema)
            for name, path, endpoint in (("livez", self.livez, livez), ("readyz", self.readyz, self._respond))
            if path is not None
        ]

    async def _respond(self, request: Request) -> Ok[Ready] | NotReady:
        """Whether the process should get requests."""
        return await self.readiness(request.app)

    async def readiness(self, app: Any) -> Ok[Ready] | NotReady:
        """Whether an application should get requests. Runs its checks."""
        if current_draining().has_begun:
            return NotReady(reason="draining", checks={})
        if not app.has_started:
            return NotReady(reason="starting", checks={})
        found = await self.run_checks(app)
        if set(found.values()) <= {"ok"}:
            return Ok(Ready(found), headers=_NOT_STORED)
        return NotReady(reason="checks", checks=found)

    async def run_checks(self, app: Any) -> dict[str, CheckStatus]:
        """Run all checks of an application at the same time."""
        checks = {STATE: app.backend.check, **self.checks} if self.state else self.checks
        found: dict[str, CheckStatus] = dict.fromkeys(checks, "timeout")  # in this order

        async def run(name: str, check: Check) -> None:
            found[name] = await self._run(app, name, check)

        async with create_task_group() as group:
            for name, check in checks.items():
                group.start_soon(run, name, check)
        return found

    async def _run(self, app: Any, name: str, check: Check) -> CheckStatus:
        status: CheckStatus = "timeout"
        failure: Exception | None = None
        with move_on_after(self.timeout):
            try:
                async with app.scope() as scope:
                    status = "failed" if await scope.call(check) is False else "ok"
            except Exception as exc:  # noqa: BLE001 - of a driver: any exception means that the check has failed
                status, failure = "failed", exc
        self._log_change(name, status, failure)
        return status

    def _log_change(self, name: str, status: CheckStatus, failure: Exception | None) -> None:
        """Log the first failure and the recovery of a check, not each probe."""
        if status == "ok":
            if name in self._failing:
                self._failing.discard(name)
                logger.info("the health check `%s` passes again", name)
        elif name not in self._failing:
            self._failing.add(name)
            logger.warning("the health check `%s` does not pass: %s", name, status, exc_info=failure)


async def livez() -> Ok[Alive]:
    """The process handles requests."""
    return Ok(Alive(), headers=_NOT_STORED)


def routes_of(health: "Health | bool") -> list[HealthRoute]:
    """The routes of the option `health=`.

    Raises:
        TypeError: it is neither a boolean nor a `Health`.
    """
    if not isinstance(health, Health | bool):
        hint = "; pass checks as `Health(check)`" if callable(health) else ""
        raise TypeError(f"`health=` must be True, False or a `Health`, not {health!r}{hint}")
    if isinstance(health, bool):
        return Health().routes() if health else []
    return health.routes()


class _Thread:
    """The worker thread of a check in an event loop, which may still run after a timeout."""

    def __init__(self) -> None:
        self._is_free = Event()
        self._is_free.set()

    async def run(self, call: Callable[[], Any]) -> Any:
        """Call it in a thread that a cancellation does not wait for. Waits for the thread before."""
        while not self._is_free.is_set():
            await self._is_free.wait()
        is_free = self._is_free = Event()
        may_begin = Lock()  # taken by the thread when it begins, or by the end of the wait for it

        def run() -> Any:
            if not may_begin.acquire(blocking=False):
                return None
            try:
                return call()
            finally:
                with suppress(RuntimeError):  # the event loop has ended
                    from_thread.run_sync(is_free.set)

        try:
            return await to_thread.run_sync(run, abandon_on_cancel=True)
        finally:
            if may_begin.acquire(blocking=False):
                is_free.set()


def _in_thread(function: Check) -> Callable[..., Coroutine[Any, Any, Any]]:
    """A function as an async one, in a worker thread that a timeout does not wait for.

    A thread cannot be stopped: it goes on after a timeout, and the next calls wait for it, so there is never a second.
    """
    threads = PerLoop(_Thread)

    @functools.wraps(function)
    async def in_thread(**values: Any) -> Any:
        return await threads.get().run(functools.partial(function, **values))

    return in_thread

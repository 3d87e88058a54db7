"""Calls of functions in worker processes.

Theory of operation. The processes are those of `anyio.to_process`: started when they are needed, used again, killed if
the call is cancelled, and stopped with the event loop. They are new interpreters, not forks.
"""

from collections.abc import Callable
from typing import Any

from anyio import BrokenWorkerProcess, CapacityLimiter
from anyio.to_process import run_sync

from signette._pickled_call import NotSent, name_of, pickled_call, result_of, run_pickled

_PLACE = "worker process"


class ProcessCallError(RuntimeError):
    """A call in a worker process could not be made, or its outcome could not be sent back."""


async def call_in_process(
    limiter: CapacityLimiter, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call the function in a worker process. Raises what it raises.

    Raises ProcessCallError if something cannot be sent, or the process dies.
    """
    try:
        call = pickled_call(function, args, kwargs, f"a {_PLACE}")
    except NotSent as exc:
        raise ProcessCallError(str(exc)) from exc.__cause__
    try:
        outcome = await run_sync(run_pickled, call, cancellable=True, limiter=limiter)
    except BrokenWorkerProcess as exc:
        raise ProcessCallError(
            f"the worker process of `{name_of(function)}` died, or could not be started\n"
            '  hint: a script that starts the server needs `if __name__ == "__main__":`'
        ) from exc
    try:
        return result_of(function, outcome, _PLACE)
    except NotSent as exc:
        raise ProcessCallError(str(exc)) from exc.__cause__

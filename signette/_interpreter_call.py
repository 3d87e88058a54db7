"""Calls of functions in other interpreters of this process (PEP 734, Python 3.14).

Theory of operation. The interpreters are those of `anyio.to_interpreter`: each has its own thread and its own lock, is
started when it is needed, used again, and stopped with the event loop. Extension modules must allow to be imported
several times in a process, which many do not; so what a function needs is imported in an interpreter when its route is
made, and an error says what cannot be.
"""

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from anyio import BrokenWorkerInterpreter, CapacityLimiter
from anyio.to_interpreter import run_sync

from signette._pickled_call import NotSent, name_of, pickled_call, result_of, run_pickled_below

_PLACE = "interpreter"


class InterpreterCallError(RuntimeError):
    """A call in another interpreter could not be made, or its outcome could not be sent back."""


async def call_in_interpreter(
    limiter: CapacityLimiter, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call the function in another interpreter. Raises what it raises.

    Raises InterpreterCallError if something cannot be sent.
    """
    try:
        call = pickled_call(function, args, kwargs, f"another {_PLACE}")
    except NotSent as exc:
        raise InterpreterCallError(str(exc)) from exc.__cause__
    try:
        # An interpreter does not have what a server has added to `sys.path`, such as the folder of the application.
        outcome = await run_sync(run_pickled_below, call, tuple(sys.path), limiter=limiter)
    except BrokenWorkerInterpreter as exc:
        raise InterpreterCallError(f"the interpreter of `{name_of(function)}` could not be started: {exc}") from exc
    try:
        return result_of(function, outcome, _PLACE)
    except NotSent as exc:
        raise InterpreterCallError(str(exc)) from exc.__cause__


if sys.version_info >= (3, 14):
    from concurrent import interpreters

    @lru_cache(maxsize=256)
    def import_problem(module: str) -> str | None:
        """Why another interpreter cannot import a module; None if it can."""
        interpreter = interpreters.create()
        try:
            interpreter.exec(f"import sys\nsys.path[:] = {list(sys.path)!r}\nimport {module}")
        except interpreters.ExecutionFailed as exc:
            return str(exc.excinfo.msg or exc.excinfo.type.__name__)
        finally:
            interpreter.close()
        return None

else:

    @lru_cache(maxsize=256)
    def import_problem(module: str) -> str | None:
        """Why another interpreter cannot import a module: this Python has none."""
        return f"`{module}` needs Python 3.14"

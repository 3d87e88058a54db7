"""Calls of functions in worker processes: what is sent to them, and what comes back.

Theory of operation. The processes are those of `anyio.to_process`: started when they are needed, used again, killed if
the call is cancelled, and stopped with the event loop. They are new interpreters, not forks. A call is pickled before
it is passed on, so that an error names the argument; and its outcome is pickled in the worker, because an exception
that cannot be sent must become one that can, with its text.
"""

import pickle
import traceback
from collections.abc import Callable
from typing import Any

from anyio import BrokenWorkerProcess, CapacityLimiter
from anyio.to_process import run_sync

_TOO_MANY_LINES = 30


class ProcessCallError(RuntimeError):
    """A call in a worker process could not be made, or its outcome could not be sent back."""


class WorkerTraceback(Exception):
    """The traceback of an exception in its worker process."""

    def __str__(self) -> str:
        return "\n" + "".join(self.args)


async def call_in_process(
    limiter: CapacityLimiter, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call the function in a worker process. Raises what it raises.

    Raises ProcessCallError if something cannot be sent, or the process dies.
    """
    name = f"{function.__module__}.{function.__qualname__}"
    call = _pickled_call(name, function, args, kwargs)
    try:
        outcome = await run_sync(run_pickled, call, cancellable=True, limiter=limiter)
    except BrokenWorkerProcess as exc:
        raise ProcessCallError(
            f"the worker process of `{name}` died, or could not be started\n"
            '  hint: a script that starts the server needs `if __name__ == "__main__":`'
        ) from exc
    kind, value, text = _loaded(name, outcome)
    if kind == "result":
        return value
    if kind == "exception":
        value.__cause__ = WorkerTraceback(text)
        raise value
    raise ProcessCallError(f"`{name}` in its worker process: {value}\n{text}".rstrip())


def _pickled_call(name: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    try:
        return pickle.dumps((function, args, kwargs), pickle.HIGHEST_PROTOCOL)
    except Exception as exc:
        problem = _reason(function)
        if problem is not None:
            raise ProcessCallError(
                f"`{name}` cannot be sent to a worker process: {problem}\n"
                "  hint: the name in its module must be this function, so put `@app.get(...)` above other decorators"
            ) from exc
        for key, value in (*enumerate(args), *kwargs.items()):
            if (problem := _reason(value)) is not None:
                word = f"argument {key + 1}" if isinstance(key, int) else f"argument `{key}`"
                raise ProcessCallError(
                    f"{word} of `{name}`, a `{type(value).__name__}`, cannot be sent to a worker process: {problem}\n"
                    "  hint: pass plain data, and open connections and files in the function"
                ) from exc
        raise


def _reason(value: Any) -> str | None:
    """Why a value cannot be pickled; None if it can."""
    try:
        pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except Exception as exc:  # noqa: BLE001 - pickle raises what the value raises
        return str(exc)
    return None


def _loaded(name: str, outcome: bytes) -> tuple[str, Any, str]:
    try:
        loaded: tuple[str, Any, str] = pickle.loads(outcome)  # noqa: S301 - from our own worker process
    except Exception as exc:
        raise ProcessCallError(f"the result of `{name}` cannot be read back from its worker process: {exc}") from exc
    return loaded


# -- in the worker process ---------------------------------------------------------------------------------------------


def run_pickled(call: bytes) -> bytes:
    """Make a pickled call, and return its pickled outcome: a kind, a value, and a text."""
    try:
        function, args, kwargs = pickle.loads(call)  # noqa: S301 - from the process of the application
    except BaseException as exc:  # noqa: BLE001 - an import may raise anything
        return _failure("the call could not be read, as its module cannot be imported there", exc)
    try:
        result = function(*args, **kwargs)
    except Exception as exc:  # noqa: BLE001 - it is raised in the process of the application
        return _raised(exc)
    except BaseException as exc:  # noqa: BLE001 - it would end the server
        return _failure(f"it raised `{type(exc).__name__}`", exc)
    try:
        return pickle.dumps(("result", result, ""), pickle.HIGHEST_PROTOCOL)
    except Exception as exc:  # noqa: BLE001 - pickle raises what the value raises
        return _failure(f"its result, a `{type(result).__name__}`, cannot be sent back", exc)


def _raised(exc: Exception) -> bytes:
    text = "".join(traceback.format_exception(exc))
    try:
        outcome = pickle.dumps(("exception", exc, text), pickle.HIGHEST_PROTOCOL)
        if type(pickle.loads(outcome)[1]) is type(exc):  # noqa: S301 - made right here
            return outcome
    except Exception:  # noqa: BLE001, S110 - many exceptions cannot be made again from their arguments
        pass
    return _failure(f"it raised `{type(exc).__name__}`, which cannot be sent back", exc)


def _failure(problem: str, exc: BaseException) -> bytes:
    lines = "".join(traceback.format_exception(exc)).splitlines()
    return pickle.dumps(("failure", problem, "\n".join(lines[-_TOO_MANY_LINES:])))

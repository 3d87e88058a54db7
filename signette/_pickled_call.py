"""Calls that are sent to another interpreter as bytes, and their outcomes, which come back as bytes.

Theory of operation. A call is pickled before it is passed on, so that an error names the argument; and its outcome is
pickled where the function has run, because an exception that cannot be sent must become one that can, with its text.
The other interpreter imports this module, so it imports little.
"""

import pickle
import sys
import traceback
from collections.abc import Callable
from typing import Any

_TOO_MANY_LINES = 30


class NotSent(Exception):
    """A call cannot be sent, or its outcome not sent back. The text says what and why."""


class WorkerTraceback(Exception):
    """The traceback of an exception in the other interpreter."""

    def __str__(self) -> str:
        return "\n" + "".join(self.args)


def name_of(function: Callable[..., Any]) -> str:
    """The name of a function in error messages."""
    return f"{function.__module__}.{function.__qualname__}"


def pickled_call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], place: str) -> bytes:
    """The call as bytes. `place` is where it is sent: "a worker process".

    Raises NotSent.
    """
    name = name_of(function)
    try:
        return pickle.dumps((function, args, kwargs), pickle.HIGHEST_PROTOCOL)
    except Exception as exc:
        problem = _reason(function)
        if problem is not None:
            raise NotSent(
                f"`{name}` cannot be sent to {place}: {problem}\n"
                "  hint: the name in its module must be this function, so put `@app.get(...)` above other decorators"
            ) from exc
        for key, value in (*enumerate(args), *kwargs.items()):
            if (problem := _reason(value)) is not None:
                word = f"argument {key + 1}" if isinstance(key, int) else f"argument `{key}`"
                raise NotSent(
                    f"{word} of `{name}`, a `{type(value).__name__}`, cannot be sent to {place}: {problem}\n"
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


def result_of(function: Callable[..., Any], outcome: bytes, place: str) -> Any:
    """The result of the function, by its outcome. Raises what the function has raised, or NotSent."""
    name = name_of(function)
    try:
        kind, value, text = pickle.loads(outcome)  # noqa: S301 - from our own interpreter
    except Exception as exc:
        raise NotSent(f"the result of `{name}` cannot be read back from its {place}: {exc}") from exc
    if kind == "result":
        return value
    if kind == "exception":
        value.__cause__ = WorkerTraceback(text)
        raise value
    raise NotSent(f"`{name}` in its {place}: {value}\n{text}".rstrip())


# -- in the other interpreter ------------------------------------------------------------------------------------------


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


def run_pickled_below(call: bytes, path: tuple[str, ...]) -> bytes:
    """The same in an interpreter that finds its modules in other folders than this process."""
    if tuple(sys.path) != path:
        sys.path[:] = path
    return run_pickled(call)


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

"""Calling the binder of a known path, without a coroutine of the application around it.

Theory of operation. A binder with `runs_directly` checks the limits of headers and responds to exceptions itself, so
nothing is left for the application to do after it has found the route. After the first request it has noted such a
binder by its path, in `KnownPaths`. `__call__` looks there, and returns the binder's coroutine for the server to await.
What is not known there, or needs more, goes the usual way: other protocols, escaped paths, a `root_path`, a long query
string. So does every request of an application in which another class, or a package for monitoring, has put its own
`__call__` in the place of `Application.__call__`. Binders that may read a body check themselves whether something
around the application has limits.
"""

import inspect
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from signette._http.paths import PERCENT
from signette.applications import USUAL_CALL, Application
from signette.types import Receive, Scope, Send

F = TypeVar("F", bound=Callable[..., Any])


def _returns_coroutine(function: F) -> F:
    """Mark a function, so that `inspect.iscoroutinefunction` is true for it. Servers call it to detect ASGI 3."""
    if sys.version_info >= (3, 12):
        return inspect.markcoroutinefunction(function)
    # Before 3.12 there is no mark but the flag. CPython makes coroutines by an instruction, and only reads the flag
    # there, so that calls of this function stay what they are.
    code: Any = function.__code__
    function.__code__ = code.replace(co_flags=code.co_flags | inspect.CO_COROUTINE)
    return function


class DirectCalls(Application):
    """An application that calls the binders of known paths directly."""

    # PERF: one more coroutine takes 5 % of the smallest request (110 ns of 2,000).
    @_returns_coroutine
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        direct = self._direct
        if direct is not None and scope["type"] == "http" and not self.root_path:
            known = direct.known
            try:
                if (
                    not scope["root_path"]
                    and PERCENT not in scope["raw_path"]
                    and (not (query := scope["query_string"]) or len(query) <= direct.harmless_query)
                ):
                    path = scope["path"]
                    values: tuple[str, ...] = ()
                    if (runs := known.paths.get(path)) is None and len(path) <= direct.path_chars:
                        parent, _, last = path.rpartition("/")
                        if last:
                            runs, values = known.parents.get(parent), (last,)
                        if runs is None and known.shapes:
                            runs, values = known.by_shape(path)
                    if runs is not None:
                        run = runs[scope["method"]]
                        scope["app"] = self
                        return run(scope, receive, send, values, direct)
            except (KeyError, TypeError):
                pass  # a method that is not known, or a scope without `raw_path` or `root_path`
        return super().__call__(scope, receive, send)


def has_usual_call(app: Application) -> bool:
    """Whether nothing would miss a call: `Application.__call__` comes next after `DirectCalls`, as it was made."""
    return not isinstance(app, DirectCalls) or getattr(super(DirectCalls, app).__call__, "__func__", None) is USUAL_CALL

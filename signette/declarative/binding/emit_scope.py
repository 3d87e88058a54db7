"""Printing the keys that a matched route adds to the scope: `endpoint`, `route` and `path_params`.

Middleware reads them after the call, for the names of transactions and metrics. Middleware around the application
cannot be seen from here, so every binder sets them.
"""

from collections.abc import Callable
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.binding.codegen import Code


@dataclass(frozen=True, slots=True)
class ScopeKeys:
    """A route, its endpoint and the names of its path parameters, in the order of the template."""

    route: Any
    endpoint: Any
    conversions: tuple[tuple[str, Callable[[str], Any] | None], ...]
    """Each name with its convert function. None: the value is the text itself."""
    populate: Callable[[Any, Any], None]
    """Sets the keys, for path parameters that are converted."""


def emit_scope_keys(code: Code, keys: ScopeKeys) -> None:
    """PERF: inlined. The assignments take 1 % of the smallest request, a call would take 5 %."""
    if any(convert is not None for _, convert in keys.conversions):
        code.add(f"{code.name('k_populate_scope', keys.populate)}(scope, values)")
        return
    code.use({"k_endpoint": keys.endpoint, "k_route": keys.route})
    code.add("scope['endpoint'], scope['route'] = k_endpoint, k_route")
    if keys.conversions:
        items = ", ".join(f"{name!r}: values[{place}]" for place, (name, _) in enumerate(keys.conversions))
        with code.block("if 'path_params' in scope:"):
            code.add(f"scope['path_params'] = {{**scope['path_params'], {items}}}")
        with code.block("else:"):
            code.add(f"scope['path_params'] = {{{items}}}")

"""What a signature asks of its clients: the schemes that stand behind a dependency, and the scopes on the way to them.

A demand is a scheme with the scopes that were asked for between a callable and it, outermost first. Each callable
knows its own demands, so that one which is asked for twice, with other scopes, counts with both.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from signette.declarative.errors import dependencies as dependency_errors
from signette.declarative.signature.depends import Dependency
from signette.declarative.signature.model import SourceLocation

SecurityRequirement = tuple[Any, tuple[str, ...]]


def is_scheme(target: Any) -> bool:
    """Whether something is a security scheme, or the class of one."""
    return hasattr(target, "security_scheme")


def is_uncalled(target: Any) -> bool:
    """Whether it is the class of a scheme, where a scheme should be."""
    return isinstance(target, type) and is_scheme(target)


def inherited(wish: Dependency, demands: Sequence[SecurityRequirement]) -> Iterator[SecurityRequirement]:
    """The demands of what is wished for, with the scopes of the wish before theirs."""
    for scheme, scopes in demands:
        yield scheme, tuple(dict.fromkeys((*wish.scopes, *scopes)))


def check_scopes(
    scopes: Sequence[str], demands: Sequence[SecurityRequirement], where: SourceLocation, name: str
) -> None:
    """Raises PlanError for a scope that no scheme declares, where all schemes behind the wish declare theirs."""
    if not scopes or not demands:
        return
    declared = [_declared(scheme) for scheme, _ in demands]
    if all(declared):
        known = sorted(set().union(*declared))
        for scope in scopes:
            if scope not in known:
                raise dependency_errors.undeclared_scope(where, name, scope, known)


def _declared(scheme: Any) -> set[str]:
    """The scopes that an OAuth 2 scheme declares. None does not mean that there are none: others know no scopes."""
    flows = scheme.security_scheme.get("flows", {})
    return {scope for flow in flows.values() for scope in flow.get("scopes", ())}

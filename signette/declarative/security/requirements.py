"""Security requirements: the schemes that a callable depends on, with the scopes on the way to them.

The scopes of a requirement are those of the dependencies between a callable and the scheme, outermost first. Each
callable has its own requirements, so a callable that is used twice, with different scopes, has both.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from signette.declarative.errors import dependencies as dependency_errors
from signette.declarative.signature.depends import Dependency
from signette.declarative.signature.model import SourceLocation

SecurityRequirement = tuple[Any, tuple[str, ...]]


def is_scheme(target: Any) -> bool:
    """Whether an object is a security scheme, or a class of schemes."""
    return hasattr(target, "security_scheme")


def is_scheme_class(target: Any) -> bool:
    """Whether an object is a class of schemes that must be instantiated."""
    return isinstance(target, type) and is_scheme(target)


def inherited(dependency: Dependency, requirements: Sequence[SecurityRequirement]) -> Iterator[SecurityRequirement]:
    """The requirements of a dependency's callable, each preceded by the scopes of the dependency."""
    for scheme, scopes in requirements:
        yield scheme, tuple(dict.fromkeys((*dependency.scopes, *scopes)))


def check_scopes(
    scopes: Sequence[str], requirements: Sequence[SecurityRequirement], where: SourceLocation, name: str
) -> None:
    """Raise SignatureError for a scope that no scheme declares, if all schemes of the dependency declare scopes."""
    if not scopes or not requirements:
        return
    declared = [_declared(scheme) for scheme, _ in requirements]
    if all(declared):
        known = sorted(set().union(*declared))
        for scope in scopes:
            if scope not in known:
                raise dependency_errors.undeclared_scope(where, name, scope, known)


def _declared(scheme: Any) -> set[str]:
    """The scopes that an OAuth 2 scheme declares. Empty for schemes that cannot declare scopes."""
    flows = scheme.security_scheme.get("flows", {})
    return {scope for flow in flows.values() for scope in flow.get("scopes", ())}

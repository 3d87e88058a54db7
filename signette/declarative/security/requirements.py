"""Security requirements: the schemes that a callable depends on, with the scopes on the way to them.

The scopes of a requirement are those of the dependencies between a callable and the scheme, outermost first. Each
callable has its own requirements, so a callable that is used twice, with different scopes, has both.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from signette._dataclasses import dataclass
from signette._frameworks import is_loaded
from signette.declarative.errors import dependencies as dependency_errors
from signette.declarative.signature.depends import Dependency
from signette.declarative.signature.model import SourceLocation

SecurityRequirement = tuple[Any, tuple[str, ...]]


def is_scheme(target: Any) -> bool:
    """Whether an object is a security scheme, or a class of schemes."""
    return hasattr(target, "security_scheme") or is_foreign_scheme(target)


def is_foreign_scheme(target: Any) -> bool:
    """Whether an object is a security scheme of FastAPI, or a class of these."""
    if not is_loaded("fastapi"):
        return False
    classes = (target if isinstance(target, type) else type(target)).__mro__
    return any(each.__name__ == "SecurityBase" and each.__module__.startswith("fastapi.") for each in classes)


def is_scheme_class(target: Any) -> bool:
    """Whether an object is a class of schemes that must be instantiated."""
    return isinstance(target, type) and is_scheme(target)


def described(scheme: Any) -> Any:
    """The scheme as the OpenAPI document describes it."""
    return ForeignScheme(scheme) if is_foreign_scheme(scheme) else scheme


@dataclass(frozen=True, eq=False)
class ForeignScheme:
    """A security scheme of FastAPI, with the attributes of signette's schemes."""

    scheme: Any

    @property
    def scheme_name(self) -> str:
        return str(self.scheme.scheme_name)

    @property
    def auto_error(self) -> bool:
        return bool(getattr(self.scheme, "auto_error", True))

    @property
    def security_scheme(self) -> Mapping[str, Any]:
        about: Mapping[str, Any] = self.scheme.model.model_dump(mode="json", by_alias=True, exclude_none=True)
        return about

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ForeignScheme) and self.scheme is other.scheme

    def __hash__(self) -> int:
        return id(self.scheme)


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

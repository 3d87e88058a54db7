"""Dependencies as people write them: `user: Annotated[User, Depends(current_user)]`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Lifetime = Literal["request", "function"]


@dataclass(frozen=True, slots=True)
class Dependency:
    """One wish for the result of a callable. Made by `Depends` and `Security`."""

    dependency: Callable[..., Any] | None = None
    use_cache: bool = True
    scope: Lifetime | None = None
    scopes: tuple[str, ...] = ()
    guard: bool = False


def Depends(  # noqa: N802 - reads as a declaration, as people know it
    dependency: Callable[..., Any] | None = None, *, use_cache: bool = True, scope: Lifetime | None = None
) -> Any:
    """Ask for what `dependency` returns or yields; without it, the parameter's own type is the factory.

    Called once a request, however many ask for it, unless `use_cache=False`. A generator is closed after the response
    was sent (`scope="request"`), or when the handler has returned (`scope="function"`).
    """
    return Dependency(dependency, use_cache, scope)


def Security(  # noqa: N802 - reads as a declaration, as people know it
    dependency: Callable[..., Any] | None = None,
    *,
    scopes: Sequence[str] | None = None,
    use_cache: bool = True,
) -> Any:
    """A dependency that guards: it runs before the body is read, and asks for these OAuth2 scopes."""
    return Dependency(dependency, use_cache, None, tuple(scopes or ()), guard=True)


@dataclass(frozen=True, slots=True)
class SecurityScopes:
    """The scopes that are asked for along the chain to here. Declare a parameter of this type to read them."""

    scopes: tuple[str, ...] = ()

    @property
    def scope_str(self) -> str:
        """The scopes with spaces between, as OAuth2 writes them (RFC 6749 §3.3)."""
        return " ".join(self.scopes)

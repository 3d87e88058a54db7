"""Dependencies as people write them: `user: Annotated[User, Depends(current_user)]`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from signette.declarative.signature.concurrency_limit import ConcurrencyLimit

Lifetime = Literal["app", "request", "function"]
LIFETIMES = get_args(Lifetime)


@dataclass(frozen=True, slots=True)
class Dependency:
    """One wish for the result of a callable. Made by `Depends` and `Security`."""

    dependency: Callable[..., Any] | None = None
    use_cache: bool = True
    scope: Lifetime | None = None
    scopes: tuple[str, ...] | str = ()
    """A text is a mistake, and kept as it is until the planner can say where it stands."""
    guard: bool = False
    turns: ConcurrencyLimit | None = None


def Depends(  # noqa: N802 - reads as a declaration, as people know it
    dependency: Callable[..., Any] | None = None,
    *,
    use_cache: bool = True,
    scope: Lifetime | None = None,
    max_concurrency: int | None = None,
) -> Any:
    """Ask for what `dependency` returns or yields; without it, the parameter's own type is the factory.

    Called once a request, however many ask for it, unless `use_cache=False`. A generator is closed after the response
    was sent (`scope="request"`), or when the handler has returned (`scope="function"`). With `scope="app"` it is made
    once, when the application starts, and closed when it stops.

    `max_concurrency` requests at most are in it at once, a generator's up to its end; the others wait. It counts for
    this declaration: name it once, as `Annotated[...]`, for all who are to share it.

    Raises:
        ValueError: an argument says what cannot be; the text names it.
    """
    if scope is not None and scope not in LIFETIMES:
        raise ValueError(f"`scope={scope!r}`: a dependency lives as long as one of {', '.join(map(repr, LIFETIMES))}")
    if max_concurrency is not None and max_concurrency < 1:
        raise ValueError(f"`max_concurrency={max_concurrency!r}`: nobody would ever have a turn; let it be 1 or more")
    if scope == "app" and (not use_cache or max_concurrency is not None):
        said = "max_concurrency" if use_cache else "use_cache=False"
        raise ValueError(f'`{said}` beside `scope="app"`: what is made once is not called again; take one away')
    return Dependency(
        dependency, use_cache, scope, turns=None if max_concurrency is None else ConcurrencyLimit(max_concurrency)
    )


def Security(  # noqa: N802 - reads as a declaration, as people know it
    dependency: Callable[..., Any] | None = None,
    *,
    scopes: Sequence[str] | None = None,
    use_cache: bool = True,
) -> Any:
    """A dependency that guards: it runs before the body is read, and asks for these OAuth2 scopes.

    A callable whose chain takes `SecurityScopes` is called once for each set of scopes that is asked of it.
    """
    wanted = scopes if isinstance(scopes, str) else tuple(scopes or ())
    return Dependency(dependency, use_cache, None, wanted, guard=True)


class SecurityScopes:
    """The scopes that are asked for along the chain to here. Declare a parameter of this type to read them."""

    __slots__ = ("_scopes",)

    def __init__(self, scopes: Sequence[str] | None = None) -> None:
        self._scopes = tuple(scopes or ())

    @property
    def scopes(self) -> list[str]:
        """Each once, those of the endpoint first. A list of your own: the plan keeps its scopes."""
        return list(self._scopes)

    @property
    def scope_str(self) -> str:
        """The scopes with spaces between, as OAuth2 writes them (RFC 6749 §3.3)."""
        return " ".join(self._scopes)

    def __repr__(self) -> str:
        return f"SecurityScopes({self.scopes!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecurityScopes) and self._scopes == other._scopes

    def __hash__(self) -> int:
        return hash(self._scopes)

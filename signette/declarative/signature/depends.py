"""Declarations of dependencies: `user: Annotated[User, Depends(current_user)]`.

Type checkers see `Depends` and `Security` as functions of `marker_functions`, where users import them from.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

from signette._dataclasses import dataclass
from signette.declarative.signature.concurrency_limit import ConcurrencyLimit
from signette.declarative.signature.executors import Executor

Lifetime = Literal["app", "request", "function"]
LIFETIMES = get_args(Lifetime)


@dataclass(frozen=True, slots=True)
class Dependency:
    """One use of a dependency, made by `Depends` or `Security`."""

    dependency: Callable[..., Any] | None = None
    use_cache: bool = True
    scope: Lifetime | None = None
    scopes: tuple[str, ...] | str = ()
    """A string is an error. The planner reports it, because it knows the location."""
    guard: bool = False
    concurrency_limit: ConcurrencyLimit | None = None
    concurrent: bool = False
    """It runs at the same time as others that say so. Another type is an error, which the planner reports."""
    executor: Any = None
    """A `Thread`, `Process` or `Interpreter`. Another type is an error, which the planner reports."""


class Depends(Dependency):
    """Fill the parameter with what `dependency` returns or yields. Without an argument, call the annotated class.

    The result is cached for the request, unless `use_cache=False`. A generator is closed after the response is sent
    (`scope="request"`), or when the endpoint returns (`scope="function"`). With `scope="app"`, it runs once, when the
    application starts, and is closed when it stops.

    At most `max_concurrency` requests run the dependency at once (a generator runs until it is closed); the others
    wait. Each declaration has its own limit: to share it, declare an `Annotated[...]` once and reuse it.

    With `concurrent=True`, it runs at the same time as the other dependencies with this argument, as far as they do not
    need each other. If one of them fails, the others are cancelled.

    `executor` runs a sync function in dedicated threads or processes: `executor=Thread(limit=4)`.

    Raises:
        ValueError: an argument is invalid, or conflicts with another.
    """

    __slots__ = ()

    def __init__(
        self,
        dependency: Callable[..., Any] | None = None,
        *,
        use_cache: bool = True,
        scope: Lifetime | None = None,
        max_concurrency: int | None = None,
        concurrent: bool = False,
        executor: Executor | None = None,
    ) -> None:
        if scope is not None and scope not in LIFETIMES:
            raise ValueError(f"invalid `scope={scope!r}`: use one of {', '.join(map(repr, LIFETIMES))}")
        if max_concurrency is not None and max_concurrency < 1:
            raise ValueError(f"`max_concurrency={max_concurrency!r}` must be at least 1")
        if scope == "app" and (not use_cache or max_concurrency is not None or concurrent):
            option = "concurrent=True" if concurrent else "max_concurrency" if use_cache else "use_cache=False"
            raise ValueError(f'`{option}` has no effect with `scope="app"`, which runs once: remove one of them')
        limit = None if max_concurrency is None else ConcurrencyLimit(max_concurrency)
        Dependency.__init__(
            self, dependency, use_cache, scope, concurrency_limit=limit, concurrent=concurrent, executor=executor
        )


class Security(Depends):
    """A dependency that guards the endpoint: it runs before the body is read, and requires these OAuth2 scopes.

    A dependency that uses `SecurityScopes`, directly or through its own dependencies, runs once for each set of scopes.
    """

    __slots__ = ()

    def __init__(
        self,
        dependency: Callable[..., Any] | None = None,
        *,
        scopes: Sequence[str] | None = None,
        use_cache: bool = True,
    ) -> None:
        required = scopes if isinstance(scopes, str) else tuple(scopes or ())
        Dependency.__init__(self, dependency, use_cache, None, required, guard=True)


class SecurityScopes:
    """The scopes required by all dependents. Declare a parameter of this type to read them."""

    __slots__ = ("_scopes",)

    def __init__(self, scopes: Sequence[str] | None = None) -> None:
        self._scopes = tuple(scopes or ())

    @property
    def scopes(self) -> list[str]:
        """The scopes without duplicates, those of the endpoint first, as a new list."""
        return list(self._scopes)

    @property
    def scope_str(self) -> str:
        """The scopes separated by spaces, as in OAuth2 (RFC 6749 §3.3)."""
        return " ".join(self._scopes)

    def __repr__(self) -> str:
        return f"SecurityScopes({self.scopes!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecurityScopes) and self._scopes == other._scopes

    def __hash__(self) -> int:
        return hash(self._scopes)

"""What a plan is made from."""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from signette._dataclasses import dataclass
from signette.convertors import Convertor
from signette.declarative.signature.depends import Dependency
from signette.declarative.sources.source import Source
from signette.declarative.sources.table import SOURCES


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A callable with its path, its methods, and the settings of the routers and the application around it."""

    function: Callable[..., Any]
    path: str
    methods: tuple[str, ...]
    dependencies: tuple[Dependency, ...] = ()
    overrides: Mapping[Callable[..., Any], Callable[..., Any]] = field(default_factory=dict)
    sources: tuple[Source, ...] = SOURCES
    options: Mapping[str, Any] = field(default_factory=dict)
    """Options of the route: `status_code`, `response_class`, `response_model`, ..."""
    socket: bool = False
    outer_path: Mapping[str, Convertor[Any]] = field(default_factory=dict)
    """The path parameters of mounts and hosts around the route. Only parameters with `Path()` read them."""
    policy_guards: tuple[tuple[Any, Callable[..., Any]], ...] = ()
    """Policies with their guards, which run after all other guards."""
    forwarded_methods: tuple[str, ...] | None = None
    """The methods of a plain route or mount that the endpoint forwards to; None for a typed route."""
    outside: frozenset[str] | None = None
    """Names of the arguments of a call outside of a request (`App.scope`); None for a route. No other parameter may
    need a request."""
    encodings: tuple[str, ...] = ()
    """The encodings of request bodies that are decoded, once they are known."""
    has_own_handler: bool = False
    """A handler of the route's class has the request, whose body it may read."""
    is_job: bool = False
    """It is called as a job, and may have the values that belong to one."""

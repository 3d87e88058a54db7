"""What each route is: something that says whether it fits a scope, and that answers."""

from collections.abc import Awaitable, Sequence
from typing import Any, NamedTuple

from signette._overrides import overrides
from signette.datastructures.url import URLPath
from signette.routing.answers import not_found
from signette.routing.matching import Match, NoMatchFound, Segment
from signette.types import ASGIApp, Receive, Scope, Send


class IndexEntry(NamedTuple):
    """A route as the index of routes needs it: the segments of its path, and its methods (None: any)."""

    segments: tuple[Segment, ...]
    methods: frozenset[str] | None


class Handler:
    """What the index finds: a route that was matched, or something that answers in its place."""

    __slots__ = ()

    app: ASGIApp

    # The path template of a route, below what it is mounted in: the name of its requests in traces.
    template = ""

    # Whether `run` holds the body to the application's bounds and says when it has started to answer, both by itself.
    enforces_limits = False

    # What sets `scope[STARTED]` before a response starts, if `app` still is that; else `send` is watched.
    tracks_start: ASGIApp | None = None

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        """Answer a request that was matched.

        `values` are the raw texts of the path parameters, in the order of the template.
        """
        raise NotImplementedError

    def populate_scope(self, scope: Scope, values: Sequence[str]) -> None:
        """Give the scope the keys that a handler of exceptions may want, if `run` did not."""


class BaseRoute(Handler):
    """A route. Subclasses write `matches` and `handle`, and `url_path_for` if they can be reversed."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """How much of the scope fits, and the keys that the scope is to get if this route answers."""
        raise NotImplementedError

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer. The scope has got the keys that `matches` gave."""
        raise NotImplementedError

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The path that leads to the route of this name.

        Raises:
            NoMatchFound: this is another route, or it takes other parameters.
        """
        raise NotImplementedError

    def index_entry(self, kind: str) -> IndexEntry | None:  # noqa: ARG002 - for those who know more
        """This route for the index of scopes of this type, if nobody changed how it matches. None: ask `matches`."""
        return None

    def fits_type(self, kind: str) -> bool:  # noqa: ARG002 - for those who know more
        """Whether the route can answer scopes of this type at all."""
        return True

    def allowed(self) -> frozenset[str] | None:
        """The methods that a plain 405 names for this route. None: it refuses in its own way."""
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match, child_scope = self.matches(scope)
        if match is Match.NONE:
            await not_found(scope, receive, send)
            return
        scope.update(child_scope)
        await self.handle(scope, receive, send)


def is_unchanged(route: BaseRoute, cls: type[BaseRoute]) -> bool:
    """Whether a route matches and answers as `cls` says: no subclass has its own way."""
    return not overrides(route, cls, "matches", "handle")


class NamedRoute(BaseRoute):
    """A route that can be reversed. `reverse` says so without an exception where it is another's name."""

    def reverse(self, name: str, params: dict[str, Any]) -> URLPath | None:
        """The path, None where this is another route or takes other parameters."""
        raise NotImplementedError

    def only_name(self) -> str | None:
        """The one name that `reverse` answers to; None: it may be several."""
        return None

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        url = self.reverse(name, path_params)
        if url is None:
            raise NoMatchFound(name, path_params)
        return url


def reverse_route(route: Any, name: str, params: dict[str, Any]) -> URLPath | None:
    """What the route's `url_path_for` gives, None where it raises NoMatchFound, ours or that of another framework."""
    if is_plainly_reversed(route):
        found: URLPath | None = route.reverse(name, params)
        return found
    try:
        url: Any = route.url_path_for(name, **params)
    except Exception as exc:
        if type(exc).__name__ == NoMatchFound.__name__ or isinstance(exc, NoMatchFound):
            return None
        raise
    return url if isinstance(url, URLPath) else URLPath(url, getattr(url, "protocol", ""), getattr(url, "host", ""))


def is_plainly_reversed(route: Any) -> bool:
    """Whether `reverse` says all: no subclass has its own `url_path_for`."""
    # PERF: not `overrides`, which takes five times as long; a page may have hundreds of links.
    return isinstance(route, NamedRoute) and type(route).url_path_for is NamedRoute.url_path_for

"""Base classes of routes: `BaseRoute` matches a scope and handles it."""

from collections.abc import Awaitable, Sequence
from typing import Any, NamedTuple

from signette._overrides import overrides
from signette.connection import own_path
from signette.datastructures.url import URLPath
from signette.routing.frameworks import no_match_found
from signette.routing.matching import Match, NoMatchFound, Segment
from signette.routing.responses import not_found
from signette.types import ASGIApp, Receive, Scope, Send


class IndexEntry(NamedTuple):
    """A route in the index: the segments of its path template and its methods. None means any method."""

    segments: tuple[Segment, ...]
    methods: frozenset[str] | None


class Handler:
    """What the index returns for a request: a route, or a substitute such as a 405 response."""

    __slots__ = ()

    app: ASGIApp

    # The path template relative to the mount. Names requests in traces.
    template = ""

    # Whether `run` enforces the application's body limits and sets `scope[STARTED]` on its own.
    enforces_limits = False

    # Whether `run` checks the limits of headers that it reads, so that its application need not check them. False also
    # while that is not known: `does_limit_headers` finds it out.
    limits_headers = False

    # Whether `run` takes the direct stack of the application as a fifth argument, and does all that the application
    # does around it: it checks limits, and responds to exceptions. False also while that is not known.
    runs_directly = False

    # The application that sets `scope[STARTED]` before a response starts. If `app` is another one, `send` is wrapped.
    tracks_start: ASGIApp | None = None

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        """Handle a matched request.

        `values` are the path parameters before conversion, in the order of the template.
        """
        raise NotImplementedError

    def does_limit_headers(self, scope: Scope) -> bool:  # noqa: ARG002 - for subclasses
        """Whether `run` checks the limits of headers, for a request that exceeds one."""
        return self.limits_headers

    def populate_scope(self, scope: Scope, values: Sequence[str]) -> None:
        """Set the scope keys that exception handlers read, such as `route`, unless `run` has set them."""

    def accept_post(self) -> str:
        """The media types of bodies that it accepts, for `Accept-Post` in the response to OPTIONS; "" if it has no
        choice.
        """
        return ""

    def accept_patch(self) -> str:
        """The media types of patches that it accepts, for `Accept-Patch` in the response to OPTIONS; "" for none."""
        return ""


class BaseRoute(Handler):
    """A route. Subclasses implement `matches` and `handle`, and `url_path_for` if they can be reversed.

    Attributes:
        app: The ASGI application of the route, if it has one.
        has_implied_head: The route handles HEAD only because it handles GET. A later route that lists HEAD goes
            first.
    """

    # Whether the route handles HEAD only because it handles GET, and leaves it to a later route that lists HEAD.
    has_implied_head = False

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a scope. Returns the match, and the keys to add to the scope if this route handles it."""
        raise NotImplementedError

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle the connection. The scope has the keys that `matches` returned."""
        raise NotImplementedError

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The URL path of the route with this name.

        Raises:
            NoMatchFound: this route has another name or other parameters.
        """
        raise NotImplementedError

    def index_entry(self, kind: str) -> IndexEntry | None:  # noqa: ARG002 - for subclasses
        """The entry of this route in the index for a scope type. None if `matches` must be called."""
        return None

    def fits_type(self, kind: str) -> bool:  # noqa: ARG002 - for subclasses
        """Whether the route can match scopes of this type."""
        return True

    def allowed(self) -> frozenset[str] | None:
        """The methods of this route for the `Allow` header of a 405. None if `handle` sends its own 405."""
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match, child_scope = self.matches(scope)
        if match == Match.NONE:
            await not_found(scope, receive, send)
            return
        scope.update(child_scope)
        await self.handle(scope, receive, send)


def is_unchanged(route: BaseRoute, cls: type[BaseRoute]) -> bool:
    """Whether a route matches and handles requests as `cls` does: no subclass overrides `matches` or `handle`."""
    return not overrides(route, cls, "matches", "handle")


class NamedRoute(BaseRoute):
    """A route that can be reversed. `reverse` returns None where `url_path_for` raises."""

    def reverse(self, name: str, params: dict[str, Any]) -> URLPath | None:
        """The URL path, or None if this route has another name or other parameters."""
        raise NotImplementedError

    def only_name(self) -> str | None:
        """The name of the route. None if it can be reversed by several names."""
        return None

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        url = self.reverse(name, path_params)
        if url is None:
            raise no_match_found(name, path_params)
        return url


def reverse_route(route: Any, name: str, params: dict[str, Any]) -> URLPath | None:
    """The result of the route's `url_path_for`. None if it raises `NoMatchFound`, of signette or another framework."""
    if is_plainly_reversed(route):
        found: URLPath | None = route.reverse(name, params)
        return found
    try:
        url: Any = route.url_path_for(name, **params)
    except Exception as exc:
        if type(exc).__name__ == NoMatchFound.__name__ or isinstance(exc, NoMatchFound):
            return None
        raise
    return own_path(url)


def is_plainly_reversed(route: Any) -> bool:
    """Whether `reverse` can be called in place of `url_path_for`: no subclass overrides that."""
    # PERF: not `overrides`, which takes five times as long; a page may have hundreds of links.
    return isinstance(route, NamedRoute) and type(route).url_path_for is NamedRoute.url_path_for

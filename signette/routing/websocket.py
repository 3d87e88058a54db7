"""WebSocket routes."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from signette.middleware.registry import Middleware
from signette.routing.base import IndexEntry, is_unchanged
from signette.routing.frameworks import exception_for, match_for
from signette.routing.matching import Match, get_name
from signette.routing.route import TemplateRoute, unwrap_partials
from signette.types import ASGIApp, Receive, Scope, Send
from signette.websockets import WebSocket


def websocket_session(func: Callable[[WebSocket], Awaitable[Any]]) -> ASGIApp:
    """Convert a coroutine function that takes a WebSocket to an ASGI application."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await func(WebSocket(scope, receive, send))

    return app


class WebSocketRoute(TemplateRoute):
    """A WebSocket route: a path template and its endpoint, a coroutine function or an ASGI application.

    Attributes:
        endpoint: The function or the ASGI application.
        name: The name for URLs; by default that of the function or class.
        path: The path template.
        path_regex: The template as a regular expression.
        path_format: The template without convertors.
        param_convertors: The convertor of each path parameter.
        app: The ASGI application with its middleware.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        name: str | None = None,
        middleware: Sequence[Middleware] | None = None,
    ) -> None:
        self._read(path)
        self.endpoint = endpoint
        self.name = get_name(endpoint) if name is None else name
        inner = unwrap_partials(endpoint)
        is_function = inspect.isfunction(inner) or inspect.ismethod(inner)
        self.app = self._wrap(websocket_session(endpoint) if is_function else self._wrap_foreign(endpoint), middleware)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """`Match.FULL` or `Match.NONE`: a WebSocket has no method."""
        if scope["type"] != "websocket" or (child_scope := self._match_path(scope)) is None:
            return match_for(scope, Match.NONE), {}
        return match_for(scope, Match.FULL), child_scope

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the endpoint."""
        try:
            await self.app(scope, receive, send)
        except Exception as exc:
            if (theirs := exception_for(scope, exc)) is not exc:  # in an application of another framework
                raise theirs from exc
            raise

    def fits_type(self, kind: str) -> bool:
        """WebSockets only, unless a subclass overrides `matches` or `handle`."""
        return kind == "websocket" or not is_unchanged(self, WebSocketRoute)

    def index_entry(self, kind: str) -> IndexEntry | None:
        """The entry of this route in the index. None if `matches` must be called."""
        if kind != "websocket" or not is_unchanged(self, WebSocketRoute) or not self._uses_template():
            return None
        segments = self._template.segments
        return None if segments is None else IndexEntry(segments, None)

    def _protocol(self) -> Any:
        return "websocket"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WebSocketRoute) and self.path == other.path and self.endpoint == other.endpoint

    __hash__ = None  # type: ignore[assignment]  # not hashable, like `Route`

    def __repr__(self) -> str:
        return f"{type(self).__name__}(path={self.path!r}, name={self.name!r})"

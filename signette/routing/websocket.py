"""Routes that answer WebSockets."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from signette.middleware.registry import Middleware
from signette.routing.base import IndexEntry, is_unchanged
from signette.routing.matching import Match, get_name
from signette.routing.route import TemplateRoute, unwrap_partials
from signette.types import ASGIApp, Receive, Scope, Send
from signette.websockets import WebSocket


def websocket_session(func: Callable[[WebSocket], Awaitable[Any]]) -> ASGIApp:
    """An ASGI application of a coroutine function that takes a WebSocket."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await func(WebSocket(scope, receive, send))

    return app


class WebSocketRoute(TemplateRoute):
    """A path, and what speaks with a WebSocket there: a coroutine function, or an ASGI application."""

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
        self.app = self._wrap(websocket_session(endpoint) if is_function else self._guarded(endpoint), middleware)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """FULL or NONE: a WebSocket has no method."""
        if scope["type"] != "websocket" or (child_scope := self._match_path(scope)) is None:
            return Match.NONE, {}
        return Match.FULL, child_scope

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        await self.app(scope, receive, send)

    def fits_type(self, kind: str) -> bool:
        """WebSockets only, unless a subclass has its own mind."""
        return kind == "websocket" or not is_unchanged(self, WebSocketRoute)

    def index_entry(self, kind: str) -> IndexEntry | None:
        """This route for the index, if nobody changed how it matches."""
        if kind != "websocket" or not is_unchanged(self, WebSocketRoute) or not self._is_as_read():
            return None
        segments = self._template.segments
        return None if segments is None else IndexEntry(segments, None)

    def _protocol(self) -> Any:
        return "websocket"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WebSocketRoute) and self.path == other.path and self.endpoint == other.endpoint

    __hash__ = None  # type: ignore[assignment]  # as `Route`

    def __repr__(self) -> str:
        return f"{type(self).__name__}(path={self.path!r}, name={self.name!r})"

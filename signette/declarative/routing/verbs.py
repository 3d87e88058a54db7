"""The verbs: how endpoints are declared, alike on `App` and on `Router`."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, Unpack

from signette.declarative.errors import base as errors
from signette.declarative.routing.options import RouteOptions, WebSocketOptions
from signette.declarative.signature.callables import location_of

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Verbs:
    """Decorators that make a route of a function and give the function back.

    Each raises PlanError where the signature cannot be a contract; it says where, what, and how to mend it.
    """

    def add_api_route(
        self, path: str, endpoint: Callable[..., Any], methods: Sequence[str], **options: Unpack[RouteOptions]
    ) -> None:
        """Make a route of an endpoint."""
        raise NotImplementedError

    def add_api_websocket_route(
        self, path: str, endpoint: Callable[..., Any], **options: Unpack[WebSocketOptions]
    ) -> None:
        """Make a WebSocket route of an endpoint."""
        raise NotImplementedError

    def api_route(
        self, path: str, *, methods: Sequence[str] = ("GET",), **options: Unpack[RouteOptions]
    ) -> Callable[[Endpoint], Endpoint]:
        """A route for several methods."""
        _need_path(path)

        def declare(endpoint: Endpoint) -> Endpoint:
            self.add_api_route(path, endpoint, methods, **options)
            return endpoint

        return declare

    def get(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Answer GET, and HEAD with it."""
        return self.api_route(path, methods=("GET",), **options)

    def post(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Answer POST."""
        return self.api_route(path, methods=("POST",), **options)

    def put(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Answer PUT."""
        return self.api_route(path, methods=("PUT",), **options)

    def patch(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Answer PATCH (RFC 5789)."""
        return self.api_route(path, methods=("PATCH",), **options)

    def delete(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Answer DELETE."""
        return self.api_route(path, methods=("DELETE",), **options)

    def head(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Answer HEAD in another way than GET does."""
        return self.api_route(path, methods=("HEAD",), **options)

    def options(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Answer OPTIONS in another way than with `Allow`."""
        return self.api_route(path, methods=("OPTIONS",), **options)

    def trace(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Answer TRACE."""
        return self.api_route(path, methods=("TRACE",), **options)

    def query(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Answer QUERY: safe like GET, with a body like POST."""
        return self.api_route(path, methods=("QUERY",), **options)

    def websocket(self, path: str, **options: Unpack[WebSocketOptions]) -> Callable[[Endpoint], Endpoint]:
        """Answer WebSocket connections."""
        _need_path(path)

        def declare(endpoint: Endpoint) -> Endpoint:
            self.add_api_websocket_route(path, endpoint, **options)
            return endpoint

        return declare


def _need_path(said: Any) -> None:
    """`@app.get` without its call is given the function, and would drop it without a word."""
    if not isinstance(said, str):
        raise errors.missing_path(location_of(said))

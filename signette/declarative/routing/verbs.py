"""The decorators of `App` and `Router` that declare endpoints."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, Unpack, overload

from signette.declarative.errors import base as errors
from signette.declarative.jobs.declared import JobOptions
from signette.declarative.routing.options import RouteOptions, WebSocketOptions
from signette.declarative.signature.callables import location_of

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Verbs:
    """Decorators that add a route for a function, and return the function.

    Each raises SignatureError for an invalid endpoint signature, with the location, the problem and a hint.
    """

    def add_api_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        methods: Sequence[str] | None,
        *,
        route_class_override: Any = None,
        **options: Unpack[RouteOptions],
    ) -> None:
        """Add a route for an endpoint."""
        raise NotImplementedError

    def add_api_websocket_route(
        self, path: str, endpoint: Callable[..., Any], **options: Unpack[WebSocketOptions]
    ) -> None:
        """Add a WebSocket route for an endpoint."""
        raise NotImplementedError

    def api_route(
        self, path: str, *, methods: Sequence[str] | None = None, **options: Unpack[RouteOptions]
    ) -> Callable[[Endpoint], Endpoint]:
        """Handle several methods; by default GET."""
        _need_path(path)

        def declare(endpoint: Endpoint) -> Endpoint:
            self.add_api_route(path, endpoint, methods, **options)
            return endpoint

        return declare

    def get(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Handle GET and HEAD."""
        return self.api_route(path, methods=("GET",), **options)

    def post(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Handle POST."""
        return self.api_route(path, methods=("POST",), **options)

    def put(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Handle PUT."""
        return self.api_route(path, methods=("PUT",), **options)

    def patch(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Handle PATCH (RFC 5789)."""
        return self.api_route(path, methods=("PATCH",), **options)

    def delete(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Handle DELETE."""
        return self.api_route(path, methods=("DELETE",), **options)

    def head(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Handle HEAD, instead of the GET endpoint."""
        return self.api_route(path, methods=("HEAD",), **options)

    def options(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Handle OPTIONS, instead of the default response with `Allow`."""
        return self.api_route(path, methods=("OPTIONS",), **options)

    def trace(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Handle TRACE."""
        return self.api_route(path, methods=("TRACE",), **options)

    def query(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
        """Handle QUERY: safe like GET, with a body like POST."""
        return self.api_route(path, methods=("QUERY",), **options)

    def websocket(self, path: str, **options: Unpack[WebSocketOptions]) -> Callable[[Endpoint], Endpoint]:
        """Handle WebSocket connections."""
        _need_path(path)

        def declare(endpoint: Endpoint) -> Endpoint:
            self.add_api_websocket_route(path, endpoint, **options)
            return endpoint

        return declare

    def add_job(self, function: Callable[..., Any], **options: Unpack[JobOptions]) -> None:
        """Add a job."""
        raise NotImplementedError

    @overload
    def job(self, function: Endpoint, /) -> Endpoint: ...

    @overload
    def job(self, function: None = None, /, **options: Unpack[JobOptions]) -> Callable[[Endpoint], Endpoint]: ...

    def job(self, function: Any = None, /, **options: Unpack[JobOptions]) -> Any:
        """Make a function a job: `@app.job`, or `@app.job(retries=3)`. Returns the function.

        Its dependencies are those of an endpoint, without a request. Other parameters are the arguments of the job.
        """

        def declare(function: Endpoint) -> Endpoint:
            self.add_job(function, **options)
            return function

        return declare if function is None else declare(function)


def _need_path(path: Any) -> None:
    """Reject `@app.get` without parentheses, which gets the function as its path."""
    if not isinstance(path, str):
        raise errors.missing_path(location_of(path))

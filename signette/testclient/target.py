"""The application that a client calls, and the ASGI scopes of its connections."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from signette._app_tasks.task import ASGI_VERSION
from signette.testclient._httpx import httpx
from signette.types import ASGIApp, Receive, Scope, Send

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
SOCKET_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
# The extension key that marks a request that opens a WebSocket, and has the session in its response.
SOCKET = "signette.websocket"


@dataclass(frozen=True, slots=True)
class Target:
    """The application, and the values of its scopes. `state` is filled by its lifespan."""

    app: ASGIApp
    raise_server_exceptions: bool
    root_path: str
    client: tuple[str, int] | None
    state: dict[str, Any]

    def http_scope(self, request: httpx.Request) -> Scope:
        scheme = request.url.scheme
        if scheme not in {"http", "https"}:
            msg = f"The test clients support http and https, not `{scheme}`. For a WebSocket, use `websocket_connect`."
            raise httpx.UnsupportedProtocol(msg, request=request)
        return {
            "type": "http",
            "asgi": ASGI_VERSION.copy(),
            "http_version": "1.1",
            "method": request.method,
            "scheme": scheme,
            **self._connection_scope(request),
            "extensions": {"http.response.debug": {}, "http.response.trailers": {}},
        }

    def socket_scope(self, request: httpx.Request) -> Scope:
        scheme = SOCKET_SCHEMES.get(request.url.scheme)
        if scheme is None:
            msg = f"The URL of a WebSocket must be ws, wss, http or https, not `{request.url.scheme}`."
            raise httpx.UnsupportedProtocol(msg, request=request)
        offered = request.headers.get("sec-websocket-protocol", "")
        return {
            "type": "websocket",
            "asgi": ASGI_VERSION.copy(),
            "http_version": "1.1",
            "scheme": scheme,
            **self._connection_scope(request),
            "subprotocols": [name.strip() for name in offered.split(",") if name.strip()],
            "extensions": {"websocket.http.response": {}},
        }

    def _connection_scope(self, request: httpx.Request) -> Scope:
        url = request.url
        raw_path, _, query = url.raw_path.partition(b"?")
        return {
            "path": unquote(raw_path.decode("ascii")),
            "raw_path": raw_path,
            "root_path": self.root_path,
            "query_string": query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": self.client,
            "server": [url.raw_host.decode("ascii"), DEFAULT_PORTS[url.scheme] if url.port is None else url.port],
            "state": self.state.copy(),
        }


def as_single_callable(app: Callable[..., Any]) -> ASGIApp:
    """Wrap an ASGI 2 application, which is called as `app(scope)(receive, send)`. Returns ASGI 3 ones unchanged."""
    try:
        parameters = inspect.signature(app).parameters.values()
    except (TypeError, ValueError):  # a callable without a signature, such as a built-in
        return app
    required = [one for one in parameters if one.default is one.empty]
    if len(required) != 1 or required[0].kind not in {
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    }:
        return app

    async def single(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope)(receive, send)

    return single

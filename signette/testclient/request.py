"""Headers and options that the test clients add to a request."""

import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from signette.exceptions import SignetteDeprecationWarning
from signette.testclient._httpx import httpx
from signette.testclient.target import SOCKET


def default_headers(headers: Any) -> httpx.Headers:
    """The headers of a client, with `testclient` as the default user agent."""
    merged = httpx.Headers(headers)
    merged.setdefault("user-agent", "testclient")
    return merged


def socket_options(subprotocols: Sequence[str] | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of the GET request that opens a WebSocket (RFC 6455 §4.1)."""
    headers = httpx.Headers(options.get("headers"))
    headers.setdefault("connection", "upgrade")
    headers.setdefault("sec-websocket-key", "testserver==")
    headers.setdefault("sec-websocket-version", "13")
    if subprotocols is not None:
        headers.setdefault("sec-websocket-protocol", ", ".join(subprotocols))
    extensions = {**(options.get("extensions") or {}), SOCKET: True}
    return {**options, "headers": headers, "extensions": extensions}


def warn_of_timeout(options: Mapping[str, Any]) -> None:
    """Warn, at the line of the test, that `timeout` has no effect."""
    if options.get("timeout", httpx.USE_CLIENT_DEFAULT) is httpx.USE_CLIENT_DEFAULT:
        return
    frame, level = sys._getframe(1), 2  # skips the frames of httpx, whose number varies
    while frame.f_back is not None and frame.f_globals["__name__"].startswith(
        (httpx.__name__, "signette.testclient", "contextlib")
    ):
        frame, level = frame.f_back, level + 1
    message = "You should not use the 'timeout' argument with the TestClient. It has no effect."
    warnings.warn(message, SignetteDeprecationWarning, stacklevel=level)

"""Responses of the router: 404, 405, OPTIONS, and redirects of trailing slashes."""

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

from signette.exceptions import HTTPException
from signette.paths import keep_on_host, quote_path
from signette.responses.plain import PlainTextResponse, Response
from signette.responses.redirect import RedirectResponse
from signette.types import Receive, Scope, Send
from signette.websockets import WebSocketClose

# The server has decoded the path, so `%`, `?` and `#` are encoded again.
_SAFE_IN_PATH = "/!$&'()*+,;=:@"
_SAFE_IN_QUERY = "%/?!$&'()*+,;=:@[]"


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """Send a 404, or close the WebSocket. Inside an application, raise HTTPException for its exception handlers."""
    if scope["type"] == "websocket":
        await WebSocketClose()(scope, receive, send)
    elif "app" in scope:
        raise HTTPException(404)
    else:
        await PlainTextResponse("Not Found", status_code=404)(scope, receive, send)


async def method_not_allowed(
    methods: Iterable[str], scope: Scope, receive: Receive, send: Send, *, accept_patch: str = "", accept_post: str = ""
) -> None:
    """Send a 405 with `Allow` (RFC 9110 §15.5.6). The response to OPTIONS is a 204 with `Allow` (§9.3.7).

    That response has `Accept-Patch` (RFC 5789 §3.1) if a route accepts patches, and `Accept-Post` (W3C LDP §7.1) if one
    accepts bodies of several media types.
    """
    allowed = frozenset(methods)
    if scope["method"] == "OPTIONS":
        headers = {"allow": _format_methods(allowed | {"OPTIONS"})}
        if accept_patch:
            headers["accept-patch"] = accept_patch
        if accept_post:
            headers["accept-post"] = accept_post
        await Response(status_code=204, headers=headers)(scope, receive, send)
        return
    headers = {"allow": _format_methods(allowed)}
    if "app" in scope:
        raise HTTPException(405, headers=headers)
    await PlainTextResponse("Method Not Allowed", status_code=405, headers=headers)(scope, receive, send)


@lru_cache(maxsize=128)
def _format_methods(methods: frozenset[str]) -> str:
    return ", ".join(sorted(methods))


def toggle_trailing_slash(path: str) -> str:
    """The path without its trailing slash, or with one if it has none."""
    return path.rstrip("/") if path.endswith("/") else f"{path}/"


def redirect_to(path: str, scope: Scope) -> RedirectResponse:
    """A 307 redirect to another path of the same host.

    The target is a relative reference (RFC 9110 §10.2.2) without a host, so a forged `Host` header cannot change it,
    and it is correct behind a proxy with another scheme or port.
    """
    target = keep_on_host(quote_path(path, _SAFE_IN_PATH))
    if query := scope.get("query_string", b""):
        target += "?" + quote(query, safe=_SAFE_IN_QUERY)
    return RedirectResponse(target)

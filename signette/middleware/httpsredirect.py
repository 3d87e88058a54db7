"""Middleware that redirects from HTTP to HTTPS."""

from signette.datastructures.url import URL
from signette.middleware.responding import send_error, send_response
from signette.paths import path_for_url
from signette.responses.redirect import RedirectResponse
from signette.types import ASGIApp, Receive, Scope, Send

_SECURE = {"http": "https", "ws": "wss"}
# The ports of the plain schemes and of the secure ones: the redirect leaves them out.
_DEFAULT_PORTS = (80, 443)


class HTTPSRedirectMiddleware:
    """Redirects (307) requests by `http` and `ws` to the same URL by `https` and `wss`.

    The host is sent by the client: wrap it in `TrustedHostMiddleware`. Behind a proxy the server must be configured
    which scheme the client used (`uvicorn --proxy-headers`), or it redirects for ever.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        scheme = _SECURE.get(scope.get("scheme") or ("ws" if scope["type"] == "websocket" else "http"))
        if scheme is None:
            await self.app(scope, receive, send)
            return
        url = URL(scope=scope)
        netloc = url.netloc
        if not netloc:  # neither the client nor the server says where this is
            await send_error(400, "Invalid host header", scope, receive, send)
            return
        if url.port in _DEFAULT_PORTS:
            netloc = netloc.rpartition(":")[0]
        target = url.replace(scheme=scheme, netloc=netloc, path=path_for_url(scope))
        await send_response(RedirectResponse(target), scope, receive, send)

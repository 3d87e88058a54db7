"""The layer that sends clients from HTTP to HTTPS."""

from signette.datastructures.url import URL
from signette.middleware.answering import answer, refuse
from signette.paths import path_for_url
from signette.responses.redirect import RedirectResponse
from signette.types import ASGIApp, Receive, Scope, Send

_SECURE = {"http": "https", "ws": "wss"}
# Ports of the plain schemes, and of those that take their place: they are not named.
_DEFAULT_PORTS = (":80", ":443")


class HTTPSRedirectMiddleware:
    """Answers requests by `http` and `ws` with a 307 to the same URL by `https` and `wss`.

    The host is what the client says: put `TrustedHostMiddleware` around it. Behind a proxy the server must be told
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
            await refuse(400, "Invalid host header", scope, receive, send)
            return
        for port in _DEFAULT_PORTS:
            netloc = netloc.removesuffix(port)
        target = url.replace(scheme=scheme, netloc=netloc, path=path_for_url(scope))
        await answer(RedirectResponse(target), scope, receive, send)

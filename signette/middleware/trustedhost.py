"""Middleware that accepts requests for known hosts only."""

from collections.abc import Sequence

from signette._http.host import host_name
from signette.datastructures.url import URL
from signette.middleware.responding import send_error, send_response
from signette.paths import path_for_url
from signette.responses.redirect import RedirectResponse
from signette.types import ASGIApp, Receive, Scope, Send

_WILDCARD_FORM = "Domain wildcard patterns must be like '*.example.com'."


class TrustedHostMiddleware:
    """Rejects requests (400) whose `Host` is not in `allowed_hosts`, so that no other name gets into URLs.

    `*.example.com` matches every name below `example.com`, `*` for any host. Letter case and port do not count;
    an IPv6 address may be written with or without its brackets. With `www_redirect` a client that left the `www.`
    of an allowed host away is sent there.

    Raises:
        AssertionError: a `*` stands elsewhere than in front of the first dot.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Sequence[str] | None = None, www_redirect: bool = True) -> None:
        self.app = app
        self.allowed_hosts = ["*"] if allowed_hosts is None else list(allowed_hosts)
        self.allow_any = "*" in self.allowed_hosts
        self.www_redirect = www_redirect
        for pattern in self.allowed_hosts:
            if pattern != "*" and "*" in pattern.removeprefix("*."):
                # The class of exception that users of this API know.
                raise AssertionError(_WILDCARD_FORM)
        names = [_in_brackets(host.lower()) for host in self.allowed_hosts]
        self._names = frozenset(names)
        self._endings = tuple(name[1:] for name in names if name.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.allow_any or scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        fields = [value for name, value in scope.get("headers", ()) if name == b"host"]
        # RFC 9112 §3.2: a request with two of them is rejected, as a proxy may have used the other one.
        host = host_name(fields[0]) if len(fields) == 1 else None
        if host is not None and self._allows(host):
            await self.app(scope, receive, send)
        elif host is not None and self.www_redirect and f"www.{host}" in self._names:
            url = URL(scope=scope)
            target = url.replace(netloc=f"www.{fields[0].decode('ascii')}", path=path_for_url(scope))
            await send_response(RedirectResponse(target), scope, receive, send)
        else:
            await send_error(400, "Invalid host header", scope, receive, send)

    def _allows(self, host: str) -> bool:
        return host in self._names or host.endswith(self._endings)


def _in_brackets(host: str) -> str:
    return f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host

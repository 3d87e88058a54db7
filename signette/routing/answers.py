"""The answers that the router gives by itself: not found, wrong method, allowed methods, another slash."""

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

from signette.exceptions import HTTPException
from signette.paths import keep_on_host, quote_path
from signette.responses.plain import PlainTextResponse, Response
from signette.responses.redirect import RedirectResponse
from signette.types import Receive, Scope, Send
from signette.websockets import WebSocketClose

# As a path, but what was decoded by the server is encoded again, also a `%` and what would begin a query or fragment.
_SAFE_IN_PATH = "/!$&'()*+,;=:@"
_SAFE_IN_QUERY = "%/?!$&'()*+,;=:@[]"


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """404, or a closed socket. Inside an application the exception is raised, so that its handlers may answer."""
    if scope["type"] == "websocket":
        await WebSocketClose()(scope, receive, send)
    elif "app" in scope:
        raise HTTPException(404)
    else:
        await PlainTextResponse("Not Found", status_code=404)(scope, receive, send)


async def wrong_method(methods: Iterable[str], scope: Scope, receive: Receive, send: Send) -> None:
    """405 with `Allow` (RFC 9110 §15.5.6), and 204 with it for OPTIONS, which asks for just that (§9.3.7)."""
    allowed = frozenset(methods)
    if scope["method"] == "OPTIONS":
        headers = {"allow": _listed(allowed | {"OPTIONS"})}
        await Response(status_code=204, headers=headers)(scope, receive, send)
        return
    headers = {"allow": _listed(allowed)}
    if "app" in scope:
        raise HTTPException(405, headers=headers)
    await PlainTextResponse("Method Not Allowed", status_code=405, headers=headers)(scope, receive, send)


@lru_cache(maxsize=128)
def _listed(methods: frozenset[str]) -> str:
    return ", ".join(sorted(methods))


def other_slash(path: str) -> str:
    """The path with a slash at its end if it had none, else without."""
    return path.rstrip("/") if path.endswith("/") else f"{path}/"


def redirect_to(path: str, scope: Scope) -> RedirectResponse:
    """307 to another path of the same host.

    The target has no host in it (RFC 9110 §10.2.2 takes a relative reference): no `Host` header can lead it astray,
    and a proxy that speaks TLS or listens elsewhere needs no say.
    """
    target = keep_on_host(quote_path(path, _SAFE_IN_PATH))
    if query := scope.get("query_string", b""):
        target += "?" + quote(query, safe=_SAFE_IN_QUERY)
    return RedirectResponse(target)

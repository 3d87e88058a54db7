"""Cross-origin resource sharing: which pages of other origins may read the responses (Fetch standard, "CORS protocol").

Theory of operation. A browser sends `Origin`; if the response names that origin, the page may read it. Before any
request that a form could not have made it asks by a *preflight*, an OPTIONS with `Access-Control-Request-Method`, which
is handled here and does not reach the application. All that depends on the configuration alone is made once; of a
request only its `Origin` counts, and for a preflight what it asks for.
"""

import re
from collections.abc import Awaitable, Collection, Iterator

from signette._http.tokens import TCHAR_CLASS
from signette._patterns import lazy_pattern
from signette.datastructures.headers import Field, encode_value
from signette.middleware.vary import add_vary
from signette.responses.plain import PlainTextResponse
from signette.types import ASGIApp, Message, Receive, Scope, Send

ALL_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY")
# Fetch, "CORS-safelisted request-header": these need no permission, and are named all the same.
SAFELISTED_HEADERS = frozenset({"Accept", "Accept-Language", "Content-Language", "Content-Type"})

_ASKED = frozenset(
    {
        b"origin",
        b"access-control-request-method",
        b"access-control-request-headers",
        b"access-control-request-private-network",
    }
)
_EXPOSE = b"access-control-expose-headers"
# Never exposed, and what says so itself.
_NOT_EXPOSED = frozenset({b"set-cookie", b"access-control-allow-origin", b"access-control-allow-credentials"})
# What is sent back as it came has to look like what it is: an origin, names of fields.
_ORIGIN = lazy_pattern(r"[!-~]+")
_NAMES = lazy_pattern(rf"[{TCHAR_CLASS}, \t]*")
_PREFLIGHT_VARY = (
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network"
)


class CORSMiddleware:
    """Allows pages of other origins to send requests and read the responses; responds to preflight requests.

    Origins are like `https://example.org`; `*` is any. `allow_origin_regex` has to fit a whole origin. `*` in
    `allow_methods` is each standard method, in `allow_headers` any header asked for. With `allow_credentials` no
    response has a `*` in it: browsers would not take it, so the origin itself is named, and with `*` in
    `expose_headers` the fields that are there. `max_age` (seconds) is how long a browser may cache the response to a
    preflight request.

    Raises:
        ValueError: a method, header or origin has characters that would split the response.
    """

    def __init__(
        self,
        app: ASGIApp,
        allow_origins: Collection[str] = (),
        allow_methods: Collection[str] = ("GET",),
        allow_headers: Collection[str] = (),
        allow_credentials: bool = False,
        allow_origin_regex: str | None = None,
        allow_private_network: bool = False,
        expose_headers: Collection[str] = (),
        max_age: int = 600,
    ) -> None:
        self.app = app
        self.allow_all_origins = "*" in allow_origins
        self.allow_origins = frozenset(_normalized(origin) for origin in allow_origins)
        self.allow_origin_regex = None if allow_origin_regex is None else re.compile(allow_origin_regex)
        self.allow_methods = ALL_METHODS if "*" in allow_methods else tuple(allow_methods)
        self.allow_all_headers = "*" in allow_headers
        named = sorted(SAFELISTED_HEADERS.union(allow_headers))
        self.allow_headers = frozenset(name.lower() for name in named)
        self.allow_credentials = allow_credentials
        self.allow_private_network = allow_private_network
        self._names_origin = allow_credentials or not self.allow_all_origins

        self._fixed: list[Field] = []
        if allow_credentials:
            self._fixed.append((b"access-control-allow-credentials", b"true"))
        self._exposes_all = allow_credentials and "*" in expose_headers
        if expose_headers and not self._exposes_all:
            exposed = ", ".join(expose_headers)
            self._fixed.append((_EXPOSE, encode_value(exposed, "access-control-expose-headers")))
        # What the application says itself of these gives way, or there would be two of them.
        self._own = frozenset({b"access-control-allow-origin", _EXPOSE, *(name for name, _ in self._fixed)})

        self._preflight: dict[str, str] = {
            "vary": _PREFLIGHT_VARY,
            "access-control-allow-methods": ", ".join(self.allow_methods),
            "access-control-max-age": str(max_age),
        }
        if not self.allow_all_headers:
            self._preflight["access-control-allow-headers"] = ", ".join(named)
        if allow_credentials:
            self._preflight["access-control-allow-credentials"] = "true"
        PlainTextResponse(headers=self._preflight)  # rejects characters that could split the responses

    def is_allowed_origin(self, origin: str) -> bool:
        """Whether pages of this origin may read the responses."""
        if origin in self.allow_origins or not self._names_origin:
            return True
        pattern = self.allow_origin_regex
        fits = self.allow_all_origins or (pattern is not None and pattern.fullmatch(origin) is not None)
        return fits and _ORIGIN.fullmatch(origin) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked: dict[bytes, bytes] = {}
        for name, value in scope.get("headers", ()):
            if name in _ASKED:
                asked[name] = asked[name] + b", " + value if name in asked else value
        origin = asked.get(b"origin")
        if origin is not None and scope["method"] == "OPTIONS" and b"access-control-request-method" in asked:
            texts = {name.decode(): value.decode("latin-1") for name, value in asked.items()}
            await self.preflight_response(texts)(scope, receive, send)
            return
        is_allowed = origin is not None and self.is_allowed_origin(origin.decode("latin-1"))

        def send_shared(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                fields = [*message.get("headers", ())]
                if is_allowed:
                    fields = self._shared(fields, origin)
                add_vary(fields, b"Origin")
                # Not into the message: it may be one that is sent again.
                message = {**message, "headers": fields}
            return send(message)

        await self.app(scope, receive, send_shared)

    def preflight_response(self, request_headers: dict[str, str]) -> PlainTextResponse:
        """200 where all that is asked for may be done, else 400 with what may not. Names are in lower case."""
        origin = request_headers["origin"]
        wanted = request_headers.get("access-control-request-headers")
        headers = dict(self._preflight)
        faults = []
        if not self.is_allowed_origin(origin):
            faults.append("origin")
        else:
            headers["access-control-allow-origin"] = origin if self._names_origin else "*"
        if request_headers["access-control-request-method"] not in self.allow_methods:
            faults.append("method")
        if wanted is not None:
            if self.allow_all_headers and _NAMES.fullmatch(wanted) is not None:
                headers["access-control-allow-headers"] = wanted
            elif not self.allow_headers.issuperset(_items(wanted)):
                faults.append("headers")
        if "access-control-request-private-network" in request_headers:
            if self.allow_private_network:
                headers["access-control-allow-private-network"] = "true"
            else:
                faults.append("private-network")
        if faults:
            return PlainTextResponse("Disallowed CORS " + ", ".join(faults), status_code=400, headers=headers)
        return PlainTextResponse("OK", headers=headers)

    def _shared(self, fields: list[Field], origin: bytes | None) -> list[Field]:
        """The fields of a response with those that let this origin read it."""
        shared = [field for field in fields if field[0].lower() not in self._own]
        if self._exposes_all:
            names = dict.fromkeys(name.lower() for name, _ in shared)
            shared.append((_EXPOSE, b", ".join(name for name in names if name not in _NOT_EXPOSED)))
        named = origin if origin is not None and self._names_origin else b"*"
        return [*shared, (b"access-control-allow-origin", named), *self._fixed]


def _normalized(origin: str) -> str:
    """As browsers write it: in lower case (RFC 6454 §4), and without the slash that belongs to a path."""
    return origin.lower().rstrip("/")


def _items(names: str) -> Iterator[str]:
    """The names of a list. RFC 9110 §5.6.1.2: empty items are skipped."""
    return filter(None, (name.strip(" \t").lower() for name in names.split(",")))

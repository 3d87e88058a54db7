"""Traces and metrics of requests, by OpenTelemetry's conventions for HTTP servers. The only module that imports
opentelemetry.

Theory of operation. A span begins before the application runs, as a child of the one that the client's header fields
name, and is the current one within. What it is called is known when a route has been found, in `scope`. It ends
with the last byte of the response, though it is exported only when the application returns: background work is no part
of a request's duration.
"""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from time import perf_counter, time_ns
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus
from weakref import WeakKeyDictionary

from signette._scope_keys import TRACED
from signette._version import __version__
from signette.datastructures.headers import Field, fields_of
from signette.datastructures.url import URL
from signette.middleware.route_template import route_of
from signette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from opentelemetry import context, metrics, propagate, trace
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider
else:
    try:
        from opentelemetry import context, metrics, propagate, trace
    except ModuleNotFoundError:  # reported where the middleware is created; importing this module needs no library
        trace = None

# An unknown method would create another series.
_METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"})
_SCHEMA = "https://opentelemetry.io/schemas/1.27.0"
# Seconds, as the conventions advise.
_BOUNDARIES = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
# Query parameters whose values are secrets: those of the conventions, and the one of RFC 6750, section 2.3.
_SECRETS = frozenset({"awsaccesskeyid", "signature", "sig", "x-goog-signature", "access_token"})
# The values may come from a client or a proxy: unknown ones would create further series.
_SCHEMES = frozenset({"http", "https", "ws", "wss"})
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_VERSIONS = {"0.9": "0.9", "1.0": "1.0", "1.1": "1.1", "2": "2", "2.0": "2", "3": "3", "3.0": "3"}


class OpenTelemetryMiddleware:
    """Makes a span of each request and each WebSocket, called after its route, and measures how long requests take.

    `GET /items/{id}` has the attributes of OpenTelemetry's conventions, is a child of the span that the header fields
    of the request name, and records what the application raised. A request has one span, however many instances of this
    middleware it passes: that of the outermost. `excluded_urls` are regular expressions, as a list or with commas
    between. A request is excluded, also from instances further in, if one is found in its URL, or in its path. Without
    providers the global ones are used.

    Raises:
        ImportError: opentelemetry-api is not installed.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        excluded_urls: str | Iterable[str] | None = None,
        tracer_provider: "TracerProvider | None" = None,
        meter_provider: "MeterProvider | None" = None,
    ) -> None:
        if trace is None:
            raise ImportError(
                "`OpenTelemetryMiddleware` needs opentelemetry-api, which is not installed. "
                "Install it with `pip install 'signette[opentelemetry]'`."
            )
        self.app = app
        # By application, with the number of changes to its routes that they were read at.
        self._secrets: WeakKeyDictionary[Any, tuple[int, frozenset[str]]] = WeakKeyDictionary()
        given = excluded_urls.split(",") if isinstance(excluded_urls, str) else list(excluded_urls or ())
        patterns = [pattern.strip() for pattern in given if pattern.strip()]
        self._excluded = re.compile("|".join(f"(?:{one})" for one in patterns)) if patterns else None
        self._tracer = trace.get_tracer("signette", __version__, tracer_provider, _SCHEMA)
        meter = metrics.get_meter("signette", __version__, meter_provider, _SCHEMA)
        self._duration = meter.create_histogram(
            "http.server.request.duration",
            "s",
            "Duration of HTTP server requests.",
            explicit_bucket_boundaries_advisory=_BOUNDARIES,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or TRACED in scope:
            await self.app(scope, receive, send)
            return
        scope[TRACED] = True
        try:
            url = URL(scope=scope)
            if self._excludes(url, scope["path"]):
                await self.app(scope, receive, send)
            else:
                await self._trace(url, scope, receive, send)
        finally:
            # Middleware around this one may call it again with the same scope, for another span.
            scope.pop(TRACED, None)

    def _excludes(self, url: URL, path: str) -> bool:
        excluded = self._excluded
        return excluded is not None and bool(excluded.search(path) or excluded.search(str(url)))

    async def _trace(self, url: URL, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application in a span."""
        parent = propagate.extract(fields_of(scope), getter=_FIELDS)
        method = _method_of(scope)
        attributes = _attributes_of(url, scope, method)
        if "url.query" in attributes:
            attributes["url.query"] = _redacted(attributes["url.query"], self._secrets_of(scope))
        span = self._tracer.start_span(
            _name_of(method, None), parent, trace.SpanKind.SERVER, attributes, record_exception=False
        )
        watch = _Watch(send)
        token = context.attach(trace.set_span_in_context(span, parent))
        try:
            await self.app(scope, receive, watch.send)
        except Exception as exc:
            watch.fail(exc)
            span.record_exception(exc)
            raise
        finally:
            context.detach(token)
            watch.stop()
            route = route_of(scope)
            found = watch.found(route)
            if span.is_recording():
                span.update_name(_name_of(method, route))
                span.set_attributes(found)
                if "error.type" in found:
                    span.set_status(trace.StatusCode.ERROR)
            if scope["type"] == "http":
                known = {key: attributes[key] for key in _MEASURED if key in attributes}
                self._duration.record(watch.seconds, {**known, **found}, trace.set_span_in_context(span, parent))
            span.end(watch.ended)

    def _secrets_of(self, scope: Scope) -> frozenset[str]:
        """Names of the query parameters whose values are secrets, in small letters."""
        app = scope.get("app")
        if app is None:  # this middleware wraps the application
            app = self.app
            while not hasattr(app, "routes") and hasattr(app, "app"):
                app = app.app
        if not hasattr(app, "routes"):
            return _SECRETS
        version = getattr(app.routes, "version", 0)
        known = self._secrets.get(app)
        if known is None or known[0] != version:
            known = self._secrets[app] = version, _SECRETS | {name.lower() for name in _secret_names_in(app)}
        return known[1]


# Attributes of a span that a measurement has, too: those of few values.
_MEASURED = ("http.request.method", "url.scheme", "network.protocol.version")


class _Watch:
    """`send` that records the status and the last byte of a response."""

    __slots__ = ("_begun", "_error", "_send", "_status", "_waits_for_trailers", "ended", "seconds")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = perf_counter()
        self._status: int | None = None
        self._error: str | None = None
        self._waits_for_trailers = False
        self.seconds = 0.0
        self.ended: int | None = None

    async def send(self, message: Message) -> None:
        """Pass the message on."""
        kind = message["type"]
        if kind in {"http.response.start", "websocket.http.response.start"}:
            self._status = message["status"]
            self._waits_for_trailers = message.get("trailers", False)
        elif kind == "websocket.accept":
            self._status = 101
        elif kind == "websocket.close" and self._status is None:
            self._status = 403  # as servers make of it (ASGI)
        await self._send(message)
        if kind == "http.response.body":
            is_last = not (message.get("more_body", False) or self._waits_for_trailers)
        else:
            is_last = kind == "http.response.pathsend" or (
                kind == "http.response.trailers" and not message.get("more_trailers", False)
            )
        if is_last:
            self.stop()

    def fail(self, exc: Exception) -> None:
        """Record what the application raised; if no response has started, it will be a 500."""
        self._error = type(exc).__qualname__
        if self._status is None:
            self._status = 500

    def stop(self) -> None:
        """Note the time, if that was not done."""
        if self.ended is None:
            self.seconds = perf_counter() - self._begun
            self.ended = time_ns()

    def found(self, route: str | None) -> dict[str, Any]:
        """What is known only at the end."""
        found: dict[str, Any] = {}
        if route is not None:
            found["http.route"] = route
        if self._status is not None:
            found["http.response.status_code"] = self._status
        error = self._error or (str(self._status) if (self._status or 0) >= 500 else None)
        if error is not None:
            found["error.type"] = error
        return found


class _FieldGetter:
    """Reads header fields for propagators."""

    def get(self, carrier: Sequence[Field], key: str) -> list[str] | None:
        wanted = key.lower().encode("latin-1")
        return [value.decode("latin-1") for name, value in carrier if name == wanted] or None

    def keys(self, carrier: Sequence[Field]) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier]


_FIELDS: Any = _FieldGetter()  # Any: it has the shape of a `Getter`, which may not be installed


def _method_of(scope: Scope) -> str:
    method: str = scope.get("method", "GET")  # a WebSocket begins as a GET
    return method if method in _METHODS else "_OTHER"


def _scheme_of(scope: Scope) -> str:
    scheme: str = scope.get("scheme", "http" if scope["type"] == "http" else "ws").lower()
    return scheme if scheme in _SCHEMES else "_OTHER"


def _name_of(method: str, route: str | None) -> str:
    method = "HTTP" if method == "_OTHER" else method
    return method if route is None else f"{method} {route}"


def _secret_names_in(app: Any) -> Iterator[str]:
    """Names of the query parameters that hold API keys, of an application's routes and of what is mounted among them.

    Those that have any name them in `secret_query_names`.
    """
    yield from getattr(app, "secret_query_names", ())
    routes = (*(getattr(app, "routes", None) or ()), *getattr(getattr(app, "router", None), "frontends", ()))
    for route in routes:
        yield from _secret_names_in(getattr(route, "mounted_app", route))


def _redacted(query: str, secrets: Container[str]) -> str:
    """The query string without the values of these parameters, however their names are escaped."""
    pieces = query.split("&")
    for place, piece in enumerate(pieces):
        name, equals, _ = piece.partition("=")
        if equals and unquote_plus(name).partition("[")[0].strip().lower() in secrets:
            pieces[place] = f"{name}=REDACTED"
    return "&".join(pieces)


def _attributes_of(url: URL, scope: Scope, method: str) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "http.request.method": method,
        "url.scheme": _scheme_of(scope),
        "url.path": url.path,
    }
    version = _VERSIONS.get(scope.get("http_version", ""))
    if version is not None:
        attributes["network.protocol.version"] = version
    if method == "_OTHER":
        attributes["http.request.method_original"] = scope["method"]
    if url.query:
        attributes["url.query"] = url.query
    if url.hostname:
        attributes["server.address"] = url.hostname
        # RFC 9110 §4.2: without a port, the client has used the default one.
        port = url.port if url.port is not None else _DEFAULT_PORTS.get(attributes["url.scheme"])
        if port is not None:
            attributes["server.port"] = port
    if scope.get("client"):
        attributes["client.address"] = scope["client"][0]
    for name, value in fields_of(scope):
        if name == b"user-agent":
            attributes["user_agent.original"] = value.decode("latin-1")
    return attributes

"""Traces and metrics of requests, by OpenTelemetry's conventions for HTTP servers; the door to opentelemetry-api.

Theory of operation. A span begins before the application runs, as a child of the one that the client's header fields
name, and is the current one within. What it is called is known when a route has been found, in `scope`. It ends
with the last byte of the answer, though it is handed on only when the application returns: background work is no part
of a request's duration.
"""

import re
from collections.abc import Iterable, Sequence
from time import perf_counter, time_ns
from typing import TYPE_CHECKING, Any

from signette._version import __version__
from signette.datastructures.headers import Field, fields_of
from signette.datastructures.url import URL
from signette.routing.route import TemplateRoute
from signette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from opentelemetry import context, metrics, propagate, trace
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider
else:
    try:
        from opentelemetry import context, metrics, propagate, trace
    except ModuleNotFoundError:  # told where the middleware is made: importing this module needs nothing
        trace = None

# A method of a client's invention would make a series of its own.
_METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"})
_SCHEMA = "https://opentelemetry.io/schemas/1.27.0"
# Seconds, as the conventions advise.
_BOUNDARIES = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
# What the conventions name as secret.
_SECRET = re.compile(r"(?<![^&])(AWSAccessKeyId|Signature|sig|X-Goog-Signature)=[^&]*")


class OpenTelemetryMiddleware:
    """Makes a span of each request and each WebSocket, called after its route, and measures how long requests take.

    `GET /items/{id}` has the attributes of OpenTelemetry's conventions, is a child of the span that the header fields
    of the request name, and records what the application raised. `excluded_urls` are regular expressions, as a list or
    with commas between; a path in which one is found is left out. Without providers the global ones are used.

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
        kind = scope["type"]
        if kind not in {"http", "websocket"} or (self._excluded and self._excluded.search(scope["path"])):
            await self.app(scope, receive, send)
            return
        parent = propagate.extract(fields_of(scope), getter=_FIELDS)
        method = _method_of(scope)
        attributes = _attributes_of(scope, method)
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
            route = _route_of(scope)
            found = watch.found(route)
            if span.is_recording():
                span.update_name(_name_of(method, route))
                span.set_attributes(found)
                if "error.type" in found:
                    span.set_status(trace.StatusCode.ERROR)
            if kind == "http":
                known = {key: attributes[key] for key in _MEASURED if key in attributes}
                self._duration.record(watch.seconds, {**known, **found}, trace.set_span_in_context(span, parent))
            span.end(watch.ended)


# Attributes of a span that a measurement has, too: those of few values.
_MEASURED = ("http.request.method", "url.scheme", "network.protocol.version")


class _Watch:
    """`send` that notes the status and the last byte of an answer."""

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
        """Hand the message on."""
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
        """Note what the application raised; where no answer has begun, a 500 is going to be the one."""
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


def _name_of(method: str, route: str | None) -> str:
    method = "HTTP" if method == "_OTHER" else method
    return method if route is None else f"{method} {route}"


def _route_of(scope: Scope) -> str | None:
    """The template of the path, that of mounts before it; None where no route was found."""
    mounted: str = scope.get("signette.mounted", "")
    route = scope.get("route") or scope.get("signette.runner")
    return mounted + (route.path_format if isinstance(route, TemplateRoute) else "") or None


def _attributes_of(scope: Scope, method: str) -> dict[str, Any]:
    url = URL(scope=scope)
    attributes: dict[str, Any] = {
        "http.request.method": method,
        "url.scheme": scope.get("scheme", "http" if scope["type"] == "http" else "ws"),
        "url.path": url.path,
        "network.protocol.version": scope.get("http_version", "1.1"),
    }
    if method == "_OTHER":
        attributes["http.request.method_original"] = scope["method"]
    if url.query:
        attributes["url.query"] = _SECRET.sub(r"\1=REDACTED", url.query)
    if url.hostname:
        attributes["server.address"] = url.hostname
        if url.port is not None:
            attributes["server.port"] = url.port
    if scope.get("client"):
        attributes["client.address"] = scope["client"][0]
    for name, value in fields_of(scope):
        if name == b"user-agent":
            attributes["user_agent.original"] = value.decode("latin-1")
    return attributes

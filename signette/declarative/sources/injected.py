"""Objects injected by the type of a parameter: the request, the WebSocket, the response, the background tasks."""

from typing import Any

from signette._scope_keys import CUSTOM, LIMITS, POLICED, RECEIVE
from signette.background import BackgroundTasks
from signette.body import limit_body
from signette.conditional import Conditional
from signette.declarative.channels.channel import Channel
from signette.declarative.channels.feed import close_feeds
from signette.declarative.policies.cache import Cache
from signette.declarative.policies.exchange import Exchange, PolicyValue
from signette.declarative.signature.depends import SecurityScopes
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import Parameter
from signette.declarative.signature.type_info import Reader
from signette.declarative.sockets.socket import Socket
from signette.declarative.sources.operation_limits import limits_and_receive, limits_in_force, operation_limits
from signette.declarative.sources.row import Row
from signette.declarative.sources.source import Source
from signette.exceptions import WebSocketException
from signette.limits import Limits, exceeded_message, log_exceeded, set_by
from signette.requests import HTTPConnection, Request
from signette.responses.plain import Response
from signette.types import Message, Receive, Scope, Send
from signette.websockets import WebSocket


def _is_a(*classes: type) -> Any:
    def claims(parameter: Parameter) -> bool:
        cls = parameter.type.inner_cls
        return cls is not None and issubclass(cls, classes)

    return claims


def limited_receive(scope: Scope, receive: Receive, limits: Limits) -> Receive:
    """`receive` with a limit for the body. The scope has the limits for a form that the endpoint reads itself."""
    limits, receive = limits_and_receive(scope, receive, limits)
    scope[LIMITS] = limits
    if limits.body_bytes is None or RECEIVE in scope:
        return receive
    return limit_body(limits.body_bytes, scope, receive)


def limited_messages(scope: Scope, receive: Receive, limits: Limits) -> Receive:
    """`receive` of a WebSocket with a limit for messages: a WebSocketException closes the connection with 1009."""
    most = limits_in_force(scope, limits).websocket_message_bytes
    if most is None:
        return receive

    async def limited() -> Message:
        message = await receive()
        text: str | None = message.get("text")
        size = len(message.get("bytes") or b"") if text is None else len(text)
        # PERF: only a text that may be too long is counted in bytes; a character takes four at most.
        if text is not None and size <= most < 4 * size:
            size = len(text.encode("utf-8", "surrogatepass"))
        if size > most:
            text = exceeded_message("websocket_message_bytes", most)
            log_exceeded(scope, text, getattr(most, "option", "`App(limits=Limits(websocket_message_bytes=...))`"))
            raise WebSocketException(1009, text)
        return message

    return limited


def limited_socket(scope: Scope, receive: Receive, limits: Limits, most: int) -> Receive:
    """The same with the limit of a typed WebSocket's options."""
    named = set_by("`SocketOptions(max_message_bytes=...)`", most)
    return limited_messages(scope, receive, operation_limits(limits, {"websocket_message_bytes": named}))


def request_of(scope: Scope, receive: Receive, send: Send) -> Request:
    """The `Request` that the handler of the route has passed on."""
    request: Request = scope[CUSTOM]
    return request


# The function for routes with their own handler.
HANDLED = {"k_Request": request_of}


def response_overrides() -> Response:
    """The injected `Response`: the status, headers and cookies that are merged into the response."""
    response = Response()
    del response.headers["content-length"]
    response.status_code = 0  # 0: not set
    return response


_SET_ROUTER = """\
if "router" not in scope and hasattr(scope.get("app"), "router"):
    scope["router"] = scope["app"].router
"""

REQUEST = Row(
    name="request",
    place="request",
    container="request",
    always_present=True,
    claims_if=_is_a(Request),
    starts="request = None",
    opening=f"{_SET_ROUTER}request = k_Request(scope, k_limited_receive(scope, receive, k_limits), send)",
    # Closes the files of a form that the endpoint has read itself.
    closes="if request is not None and request._form is not None:\n    await request.close()",
    one="request",
    checks="never",
    uses={"k_Request": Request, "k_limited_receive": limited_receive},
)

WEBSOCKET = Row(
    name="websocket",
    place="websocket",
    container="websocket",
    always_present=True,
    claims_if=_is_a(WebSocket),
    opening=f"{_SET_ROUTER}websocket = k_WebSocket(scope, k_limited_messages(scope, receive, k_limits), send)",
    one="websocket",
    checks="never",
    uses={"k_WebSocket": WebSocket, "k_limited_messages": limited_messages},
)

# The types of its messages are facts of the plan, which makes it.
SOCKET = Row(
    name="socket",
    place="websocket",
    claims_if=_is_a(Socket),
    after=(WEBSOCKET,),
    one="MISSING",
    always_present=True,
    checks="never",
)

# `HTTPConnection` is for dependencies of HTTP endpoints and WebSocket endpoints.
CONNECTION = Row(
    name="connection",
    place="connection",
    container="connection",
    always_present=True,
    claims_if=_is_a(HTTPConnection),
    opening=f"{_SET_ROUTER}connection = k_Connection(scope, receive)",
    one="connection",
    checks="never",
    uses={"k_Connection": HTTPConnection},
)

RESPONSE = Row(
    name="response",
    place="response",
    container="overrides",
    always_present=True,
    claims_if=_is_a(Response),
    opening="overrides = k_response_overrides()",
    one="overrides",
    checks="never",
    uses={"k_response_overrides": response_overrides},
)

BACKGROUND = Row(
    name="background",
    place="background",
    container="background",
    always_present=True,
    claims_if=_is_a(BackgroundTasks),
    opening="background = k_BackgroundTasks()",
    one="background",
    checks="never",
    uses={"k_BackgroundTasks": BackgroundTasks},
)


def _is_conditional(parameter: Parameter) -> bool:
    return parameter.type.inner_cls is Conditional


# The validators that the endpoint compares are sent with its response.
CONDITIONAL = Row(
    name="conditional",
    place="preconditions",
    container="conditional",
    always_present=True,
    claims_if=_is_conditional,
    opening="conditional = k_Conditional(scope)\nsend = conditional.sending(send)",
    one="conditional",
    checks="never",
    uses={"k_Conditional": Conditional},
    error_statuses=(400,),
)


def _is_required_conditional(parameter: Parameter) -> bool:
    if not _is_conditional(parameter):
        return False
    info = parameter.declaration or parameter.type
    return any(each.reader is Reader.PRECONDITIONS for each in info.claims)


REQUIRED_CONDITIONAL = Row(
    name="required conditional",
    place="required preconditions",
    always_present=True,
    claims_if=_is_required_conditional,
    opening="conditional.require()",
    one="conditional",
    checks="never",
    after=(CONDITIONAL,),
)

_PRECONDITIONS = frozenset({CONDITIONAL.place, REQUIRED_CONDITIONAL.place})


def reads_preconditions(source: Source) -> bool:
    """Whether a source is one of these two."""
    # PERF: the place first, because rows are compared in Python.
    return source.place in _PRECONDITIONS and source in (CONDITIONAL, REQUIRED_CONDITIONAL)


# The scopes are a constant of the plan.
SCOPES = Row(
    name="scopes",
    place="scopes",
    claims_if=_is_a(SecurityScopes),
    one="MISSING",
    constant=True,
    always_present=True,
    checks="never",
)


def cache_of(scope: Scope) -> Cache:
    """The cached responses of the application."""
    backend = getattr(scope.get("app"), "backend", None)
    if backend is None:
        raise RuntimeError("`Cache` needs an application with a state engine; pass `Cache(backend)` to the function")
    return Cache(backend)


CACHE = Row(
    name="cache",
    place="cache",
    container="cache",
    always_present=True,
    claims_if=_is_a(Cache),
    opening="cache = k_cache_of(scope)",
    one="cache",
    checks="never",
    uses={"k_cache_of": cache_of},
)

# What the policies of the operation share; a wrapper around the binder makes it.
EXCHANGE = Row(
    name="exchange",
    place="policy",
    claims_if=_is_a(Exchange),
    one=f"scope[{POLICED!r}]",
    always_present=True,
    checks="never",
)


def _is_required_value(parameter: Parameter) -> bool:
    cls = parameter.type.cls
    return cls is not None and issubclass(cls, PolicyValue) and parameter.default is MISSING


# Values of policies, by the name of their class.
POLICY_VALUE = Row(
    name="policy value",
    place="policy",
    claims_if=_is_required_value,
    one=f"scope[{POLICED!r}].required({{key}})",
    always_present=True,
    checks="never",
)
OPTIONAL_POLICY_VALUE = Row(
    name="optional policy value",
    place="policy",
    claims_if=_is_a(PolicyValue),
    one=f"scope[{POLICED!r}].optional({{key}}) if {POLICED!r} in scope else None",
    always_present=True,
    checks="never",
)

# The channel is a fact of the plan, which makes it.
CHANNEL = Row(
    name="channel",
    place="channel",
    claims_if=_is_a(Channel),
    starts="feeds = None",
    opening="feeds = []",
    closes="if feeds:\n    await k_close_feeds(feeds)",
    one="MISSING",
    always_present=True,
    checks="never",
    uses={"k_close_feeds": close_feeds},
)

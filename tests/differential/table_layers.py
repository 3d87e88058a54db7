"""Differences between middleware, and between WebSockets."""

import re
from collections.abc import Callable
from urllib.parse import unquote

from tests.differential.differences import (
    NOTHING_TO_DO,
    WHOLE,
    Difference,
    Seen,
    all_of_it,
    fields,
    statuses,
    when,
)
from tests.differential.exchanges import Ask, Outcome


def _lower(side: Outcome) -> str:
    return re.sub(r"[\[\]]", "", unquote(side.header("location") or "")).lower()


_ALLOWED = (
    "access-control-allow-credentials",
    "access-control-allow-origin",
    "access-control-expose-headers",
)
_COMPRESSED = ("content-encoding", "content-length", "etag", "vary")

_MIDDLEWARE = [
    Difference(
        "an error in a layer",
        "an `HTTPException` in middleware is a 500",
        "its handler responds, and outer middleware sees that response",
        NOTHING_TO_DO,
        ("base_http", Ask(target="/echo", query=b"refused=1")),
        when(
            lambda seen: seen.theirs.raised == "HTTPException" and statuses(500, 409)(seen),
            *WHOLE,
            "x-layer",
            "x-variable",
            "set-cookie",
        ),
    ),
    Difference(
        "layers around a 500",
        "the response for a 500 bypasses the middleware",
        "it passes the middleware, which adds its headers",
        NOTHING_TO_DO,
        ("cors: any", Ask(target="/fail", headers=fields(origin="https://x.example"))),
        when(
            lambda seen: seen.theirs.raised == seen.ours.raised == "Unhandled" and seen.application.startswith("cors"),
            *("vary", *_ALLOWED),
        ),
    ),
    Difference(
        "context variables",
        "a context variable that is set inside of `BaseHTTPMiddleware` is lost outside",
        "it is set after `call_next`",
        NOTHING_TO_DO,
        ("base_http", Ask(target="/echo", query=b"variable=1")),
        when(lambda seen: seen.ours.header("x-variable") == "by the endpoint", "x-variable"),
    ),
    Difference(
        "the body for the handler of 500",
        "the handler of 500, or of `Exception`, cannot read the request",
        "it reads what the endpoint has read or left",
        NOTHING_TO_DO,
        ("errors", Ask("POST", "/read", b"what=unhandled&before=body&after=body", pieces=(b"text",))),
        when(
            lambda seen: (
                seen.application == "errors"
                and b"Receive channel has not been made available" in seen.theirs.body
                and b"Receive channel" not in seen.ours.body
            ),
            "body",
            "content-length",
        ),
    ),
    Difference(
        "files for a handler",
        "an exception handler reads the files of a form that the endpoint has read",
        "they are closed by then; the form and its texts are there",
        "read files in the endpoint",
        (
            "errors",
            Ask(
                "POST",
                "/read",
                b"before=form&after=file",
                fields(content_type="multipart/form-data; boundary=cut"),
                (b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ntext\r\n--cut--\r\n',),
            ),
        ),
        when(
            lambda seen: (
                seen.application == "errors" and b"after=file" in seen.ask.query and b'"ValueError"' in seen.ours.body
            ),
            "body",
            "content-length",
        ),
    ),
    Difference(
        "a discarded response",
        "an endpoint whose response is discarded while it reads the request raises `ClientDisconnect` to the server",
        "it ends, and nothing is raised",
        NOTHING_TO_DO,
        ("base_http", Ask("POST", "/stream", b"close=1", pieces=(b"a", b"a", b""))),
        when(
            lambda seen: (
                (seen.theirs.raised, seen.ours.raised, seen.ours.body) == ("ClientDisconnect", None, b"closed")
            ),
            "raised",
        ),
    ),
    Difference(
        "what was too large",
        "the 413 for a body over `max_body_size` says `Content Too Large`",
        "it names the limit and its value; the log `signette.limits` names the option that has set it",
        NOTHING_TO_DO,
        ("body_limit: router", Ask("POST", "/size", pieces=(b"more than ten",))),
        when(
            lambda seen: (
                seen.application.startswith("body_limit") and (seen.theirs.status, seen.ours.status) == (413, 413)
            ),
            *("body", "content-length"),
        ),
    ),
    Difference(
        "too large, and unread",
        "a `Content-Length` over `max_body_size` is a 413 before the endpoint runs",
        "it is a 413 when the body is read; an endpoint that does not read it responds",
        NOTHING_TO_DO,
        ("body_limit", Ask("POST", "/unread", headers=fields(content_length="11"))),
        all_of_it(
            lambda seen: (
                (seen.application.startswith("body_limit") and seen.theirs.status == 413)
                and seen.ask.target in {"/unread", "/none"}
            )
        ),
    ),
    Difference(
        "a larger limit in a smaller one",
        "a body that middleware has read is a 413 at a mount's `max_body_size`, even if the route has a larger one",
        "the limit of the route counts, as for a body that is read later",
        NOTHING_TO_DO,
        ("body_limit: application that reads", Ask("POST", "/narrow/wide", pieces=(b"abcdefgh",))),
        all_of_it(
            lambda seen: (
                seen.application == "body_limit: application that reads"
                and seen.ask.target == "/narrow/wide"
                and statuses(413, 200)(seen)
            )
        ),
    ),
    Difference(
        "forbidden origins",
        "an origin that is not allowed gets headers about credentials and exposed headers",
        "it gets neither",
        NOTHING_TO_DO,
        ("cors: listed, cookies", Ask(headers=fields(origin="https://x.example"))),
        when(
            lambda seen: (
                seen.application.startswith("cors") and seen.ours.header("access-control-allow-origin") is None
            ),
            "access-control-allow-credentials",
            "access-control-expose-headers",
        ),
    ),
    Difference(
        "no origin",
        "an empty `Origin` counts as an origin",
        "it does not",
        NOTHING_TO_DO,
        ("cors: any, cookies", Ask(headers=fields(origin=""))),
        when(
            lambda seen: seen.application.startswith("cors") and seen.ask.field(b"origin") == b"",
            *(*WHOLE, "access-control-allow-origin", "access-control-allow-credentials"),
        ),
    ),
    Difference(
        "no headers",
        "an empty `Access-Control-Request-Headers` is a header without a name, and rejected",
        "it requests no header",
        NOTHING_TO_DO,
        (
            "cors: listed",
            Ask(
                "OPTIONS",
                headers=fields(
                    origin="https://a.example", access_control_request_method="GET", access_control_request_headers=""
                ),
            ),
        ),
        when(
            lambda seen: (
                seen.application.startswith("cors")
                and (b"access-control-request-headers", b"") in seen.ask.headers
                and b"headers" in seen.theirs.body
            ),
            *("status", "body", "content-length"),
        ),
    ),
    Difference(
        "gzip weights",
        "a client that sends `gzip;q=0` gets gzip; `GZIP`, `*` and a second `Accept-Encoding` are not understood",
        "`Accept-Encoding` is read as RFC 9110 says",
        NOTHING_TO_DO,
        ("gzip", Ask(query=b"tens=100", headers=fields(accept_encoding="gzip;q=0"))),
        when(
            lambda seen: (
                seen.application == "gzip"
                and (seen.theirs.header("content-encoding") == "gzip")
                != (seen.ours.header("content-encoding") == "gzip")
                and seen.ask.field(b"accept-encoding") not in {b"", b"gzip"}
            ),
            *_COMPRESSED,
        ),
    ),
    Difference(
        "gzip and tags",
        "a compressed response keeps its strong `ETag`",
        "the tag becomes a weak one",
        NOTHING_TO_DO,
        ("gzip", Ask(query=b'tens=100&etag="x"', headers=fields(accept_encoding="gzip"))),
        when(
            lambda seen: seen.application == "gzip" and seen.ours.header("etag") == f"W/{seen.theirs.header('etag')}",
            "etag",
        ),
    ),
    Difference(
        "vary",
        "`Vary: *` gets more names, a name may be listed twice, and an empty stream has no `Vary`",
        "`*` stays alone, a name is listed once, and an empty stream has `Vary`, too",
        NOTHING_TO_DO,
        ("gzip", Ask(query=b"tens=100&vary=*")),
        when(
            lambda seen: (
                seen.application == "gzip"
                and (seen.ours.header("vary") in {"*", "Accept-Encoding"} or seen.ours.body == b"")
            ),
            "vary",
        ),
    ),
    Difference(
        "two hosts",
        "`TrustedHostMiddleware` reads the first of two `Host` headers",
        "two are a 400",
        NOTHING_TO_DO,
        ("hosts", Ask(headers=fields(host="good.example") + fields(host="evil.example"))),
        all_of_it(
            lambda seen: (seen.application, seen.ours.status) == ("hosts", 400) and b", " in seen.ask.field(b"host")
        ),
    ),
    Difference(
        "https and IPv6",
        "`HTTPSRedirectMiddleware` drops the brackets and capital letters of an IPv6 host; it and the redirect to"
        " `www.` decode `%25`",
        "both redirect to the host and path that the client has sent",
        NOTHING_TO_DO,
        ("https", Ask(headers=fields(host="[::1]:80"))),
        when(
            lambda seen: (
                (seen.application in {"hosts", "https"} and _lower(seen.ours) == _lower(seen.theirs))
                # The redirect to `www.`: a URL has no port above 65535, and names the server there.
                or (seen.application == "hosts" and seen.ask.field(b"host").endswith(b":65536"))
            ),
            "location",
        ),
    ),
    Difference(
        "debug page",
        "the page of `debug=True` has Starlette's design",
        "it has another design, and all values are escaped",
        NOTHING_TO_DO,
        ("debug", Ask(target="/fail", query=b"what=unhandled")),
        when(lambda seen: seen.application == "debug" and statuses(500, 500)(seen), "body", "content-length"),
    ),
]


def _closes(code: int) -> Callable[[Seen], bool]:
    """Whether our side says what theirs says, and then closes with this code."""

    def test(seen: Seen) -> bool:
        theirs, ours = ([one for one in side.messages if one["type"] != "told"] for side in (seen.theirs, seen.ours))
        return bool(ours) and ours[-1].get("code") == code and ours[:-1] == theirs[: len(ours) - 1]

    return test


_SOCKETS = [
    Difference(
        "a socket's end",
        "an endpoint that returns without `close()` leaves it to the server to close the WebSocket",
        "the WebSocket is closed with 1000",
        NOTHING_TO_DO,
        ("sockets", Ask(query=b"do=accept"), []),
        when(lambda seen: _closes(1000)(seen) and seen.theirs.raised is seen.ours.raised is None, "messages"),
    ),
    Difference(
        "a client that leaves",
        "an uncaught `WebSocketDisconnect` is raised to the server, which logs it",
        "it only ends the endpoint",
        NOTHING_TO_DO,
        ("sockets", Ask(query=b"do=accept&do=receive:text"), []),
        when(lambda seen: seen.theirs.raised == "WebSocketDisconnect" and seen.ours.raised is None, "raised"),
    ),
    Difference(
        "the wrong frame",
        "`receive_text()` is a `KeyError` for a binary message, `receive_json()` a `JSONDecodeError` for an invalid"
        " one",
        "both close the WebSocket, with 1003 or 1007, and a reason",
        "remove your `try`, or catch `ValueError`: a `WebSocketDataError` is one",
        ("sockets", Ask(query=b"do=accept&do=receive:text"), [{"bytes": b"a"}]),
        when(
            lambda seen: (_closes(1003)(seen) or _closes(1007)(seen)) and seen.ours.raised is None,
            *("messages", "raised"),
        ),
    ),
    Difference(
        "a crash in a socket",
        "an exception in the endpoint of a WebSocket leaves it to the server to close it",
        "it is closed with 1011; the exception is still raised to the server",
        NOTHING_TO_DO,
        ("sockets", Ask(query=b"do=accept&do=deny"), []),
        when(lambda seen: _closes(1011)(seen) and seen.ours.raised == seen.theirs.raised is not None, "messages"),
    ),
    Difference(
        "HTTPException after accept",
        "an `HTTPException` in an accepted WebSocket sends a response that the protocol does not allow",
        "it closes the WebSocket with 1008",
        "raise `WebSocketException` after `accept()`",
        ("errors", Ask(target="/socket", query=b"what=http&when=after"), []),
        when(lambda seen: seen.application == "errors" and seen.ours.messages[-1].get("code") == 1008, "messages"),
    ),
]

LAYERS = [*_MIDDLEWARE, *_SOCKETS]

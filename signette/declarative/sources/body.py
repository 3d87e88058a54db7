"""The body as JSON, checked from its bytes in one pass, or as it came where the parameter is `bytes`."""

import functools
import sys
from collections.abc import Mapping
from dataclasses import replace

from signette._http.json import has_more_values
from signette._http.media import is_json
from signette._scope_keys import LIMITS, RECEIVE
from signette.body import read_limited, read_rest, reject_announced
from signette.declarative.signature.annotations import class_of, without_none
from signette.declarative.signature.markers import Body
from signette.declarative.signature.model import Parameter
from signette.declarative.sources.header import HEADER
from signette.declarative.sources.operation_limits import limits_and_receive, limits_in_force
from signette.declarative.sources.row import Row
from signette.declarative.sources.source import Phase
from signette.exceptions import HTTPException, LimitExceeded
from signette.limits import Limits
from signette.requests import Request
from signette.types import Receive, Scope

Headers = Mapping[bytes, bytes]


def unsupported(media_type: bytes | None, wanted: str) -> HTTPException:
    """415: what was sent is of another media type, or of none that was said (RFC 9110 §15.5.16)."""
    said = "no Content-Type was sent" if media_type is None else "the body is of another media type"
    mend = " or ".join(f"`Content-Type: {each}`" for each in wanted.split(", "))
    return HTTPException(415, f"{said}; send {mend}", {"Accept-Post": wanted})


def check_json_type(headers: Headers) -> bytes | None:
    """Refuse what says that it is no JSON, before a byte of it is read."""
    media_type = headers.get(b"content-type")
    if media_type != b"application/json" and media_type is not None and not is_json(media_type):
        raise unsupported(media_type, "application/json")
    return media_type


async def read_json(scope: Scope, receive: Receive, headers: Headers, limits: Limits, *, strict: bool = True) -> bytes:
    """The bytes of a JSON body; none where none was sent. `strict`: a body says its media type."""
    media_type = check_json_type(headers)
    if LIMITS in scope or RECEIVE in scope:
        limits, receive = limits_and_receive(scope, receive, limits)
    limit_bytes = limits.json_bytes if limits.json_bytes is not None else sys.maxsize
    # A route has lowered each bound to the one of all bodies: this is the one that is met first.
    bound = "json_bytes" if limits.json_bytes != limits.body_bytes else "body_bytes"
    if b"content-length" in headers:
        reject_announced(headers, limit_bytes, bound)
    message = await receive()
    body: bytes | None = message.get("body")
    # PERF: nearly every body comes in one message, and needs no further coroutine.
    if body is None or message.get("more_body") or len(body) > limit_bytes:
        body = await read_rest(message, receive, limit_bytes, bound)
    if media_type is None and body and strict:
        raise unsupported(media_type, "application/json")
    if limits.json_values is not None and len(body) > limits.json_values:
        check_json_values(body, limits.json_values)
    return body


def check_json_values(body: bytes, most: int) -> None:
    """Raise LimitExceeded (413) if a JSON body has more than `most` values, before it is parsed."""
    if has_more_values(body, most):
        raise LimitExceeded(413, "json_values", most)


async def read_json_of(request: Request, headers: Headers, limits: Limits, *, strict: bool = True) -> bytes:
    """The same through a `Request`, whose own `body()` gives it again."""
    media_type = check_json_type(headers)
    limits = limits_in_force(request.scope, limits)
    if request._body is None:
        bound = "json_bytes" if limits.json_bytes != limits.body_bytes else "body_bytes"
        request._body = await read_limited(request.receive, headers, limits.json_bytes, bound)
    body = await request.body()
    if media_type is None and body and strict:
        raise unsupported(media_type, "application/json")
    if limits.json_values is not None and len(body) > limits.json_values:
        check_json_values(body, limits.json_values)
    return body


# What stands for both where a body may leave its media type unsaid.
LENIENT = {
    "k_read_json": functools.partial(read_json, strict=False),
    "k_read_json_of": functools.partial(read_json_of, strict=False),
}


async def read_raw(scope: Scope, receive: Receive, headers: Headers, limits: Limits) -> bytes:
    """The bytes of a body of any media type."""
    if LIMITS in scope or RECEIVE in scope:
        limits, receive = limits_and_receive(scope, receive, limits)
    return await read_limited(receive, headers, limits.body_bytes, "body_bytes")


async def read_raw_of(request: Request) -> bytes:
    """The same through a `Request`, whose receive counts already."""
    return await request.body()


def _is_bytes(parameter: Parameter) -> bool:
    return class_of(without_none(parameter.annotation)) in (bytes, bytearray)


RAW_BODY = Row(
    name="raw body",
    place="body",
    marker=Body,
    fits=_is_bytes,
    phase=Phase.BODY,
    after=(HEADER,),
    container="body",
    opening="body = await k_read_raw(scope, receive, headers, k_limits)",
    opening_request="body = await k_read_raw_of(request)",
    one="body or MISSING",
    error_statuses=(413,),
    uses={"k_read_raw": read_raw, "k_read_raw_of": read_raw_of},
)

BODY = Row(
    name="body",
    place="body",
    marker=Body,
    takes=lambda parameter: True,  # the last row of the table: what nothing else claims is JSON
    phase=Phase.BODY,
    after=(HEADER,),
    container="body",
    opening="body = await k_read_json(scope, receive, headers, k_limits)",
    opening_request="body = await k_read_json_of(request, headers, k_limits)",
    one="body or MISSING",
    checks="json",
    error_statuses=(400, 413, 415),
    uses={"k_read_json": read_json, "k_read_json_of": read_json_of},
)

# Several parameters share the body: an object, of which nothing sent means an empty one.
KEYED_BODY = replace(
    BODY,
    name="keyed body",
    takes=None,
    marker=None,
    one="body or k_empty_object",
    uses={"k_empty_object": b"{}"},
    opened_by=BODY,
)

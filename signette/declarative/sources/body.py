"""The request body: as JSON, parsed and validated in one pass, or as `bytes`."""

import functools
import sys
from collections.abc import Mapping
from dataclasses import replace

from signette._http.json import has_more_values
from signette._http.media import is_json
from signette._overrides import overrides
from signette._scope_keys import LIMITS
from signette.body import read_limited, read_rest, reject_announced
from signette.declarative.signature.markers import Body
from signette.declarative.signature.model import Parameter
from signette.declarative.sources.header import HEADER
from signette.declarative.sources.operation_limits import limits_and_receive, limits_in_force
from signette.declarative.sources.row import QuickOpening, Row
from signette.declarative.sources.source import Phase
from signette.exceptions import HTTPException, LimitExceeded
from signette.limits import Limits
from signette.middleware.failed_request import keep_body
from signette.requests import Request
from signette.types import Message, Receive, Scope

Headers = Mapping[bytes, bytes]


def unsupported(media_type: bytes | None, wanted: str, field: str = "Accept-Post") -> HTTPException:
    """415: the body has another media type, or no Content-Type (RFC 9110 §15.5.16). `field` names those to use."""
    problem = "missing Content-Type" if media_type is None else "unsupported media type"
    expected = " or ".join(f"`{each}`" for each in wanted.split(", "))
    return HTTPException(415, f"{problem}; expected {expected}", {field: wanted})


# Of a length that is below a limit of a megabyte or more.
_FEW_DIGITS = 6

# `read_json` in the binder, for the most common request. PERF: without a coroutine, a twelfth of the smallest request.
_READ_JSON = """\
if content_type == b"application/json" and {LIMITS!r} not in scope and (
    content_length is MISSING or len(content_length) <= {digits}
):
    try:
        b_message = await receive()
    except Exception:
        k_keep_body(scope, receive, None)
        raise
    body = b_message.get("body")
    if body is None or len(body) > {most} or b_message.get("more_body"):
        body = await k_read_rest_of_json(b_message, scope, receive, k_limits)
else:
    body = await k_read_json(scope, receive, k_first_headers(pairs), k_limits)"""


def _read_json_statements(limits: Limits) -> str:
    limit_bytes = limits.json_bytes if limits.json_bytes is not None else sys.maxsize
    most = min(limit_bytes, limits.json_values if limits.json_values is not None else limit_bytes)
    # A number of fewer digits than the limit is below it.
    return _READ_JSON.format(LIMITS=LIMITS, digits=len(str(limit_bytes)) - 1, most=most)


def _limit_of(limits: Limits) -> str:
    """The limit that a JSON body meets first. Those of a route are at most the limit for all bodies."""
    return "json_bytes" if limits.json_bytes != limits.body_bytes else "body_bytes"


def check_json_type(headers: Headers) -> bytes | None:
    """Raise HTTPException 415 if the Content-Type is not JSON, before the body is read."""
    media_type = headers.get(b"content-type")
    if media_type != b"application/json" and media_type is not None and not is_json(media_type):
        raise unsupported(media_type, "application/json")
    return media_type


async def read_json(scope: Scope, receive: Receive, headers: Headers, limits: Limits, *, strict: bool = True) -> bytes:
    """Read the bytes of a JSON body, which may be empty. `strict`: a body requires a Content-Type."""
    # PERF: most requests have this type, a length of few digits and a body in one message: none of them takes a call.
    media_type = headers.get(b"content-type")
    if media_type != b"application/json":
        check_json_type(headers)
    if LIMITS in scope:
        limits, receive = limits_and_receive(scope, receive, limits)
    limit_bytes = limits.json_bytes if limits.json_bytes is not None else sys.maxsize
    try:
        announced = headers.get(b"content-length")
        if announced is not None and (len(announced) > _FEW_DIGITS or limit_bytes < 10**_FEW_DIGITS):
            reject_announced(headers, limit_bytes, _limit_of(limits))
        message = await receive()
    except Exception:
        keep_body(scope, receive, None)
        raise
    body: bytes | None = message.get("body")
    is_typed = media_type is not None or not strict
    if body is None or message.get("more_body") or len(body) > limit_bytes or not is_typed:
        return await read_rest_of_json(message, scope, receive, limits, is_typed=is_typed)
    if limits.json_values is not None and len(body) > limits.json_values:
        return await read_rest_of_json(message, scope, receive, limits)
    return body


async def read_rest_of_json(
    message: Message, scope: Scope, receive: Receive, limits: Limits, *, is_typed: bool = True
) -> bytes:
    """Read the bytes of a JSON body after its first message. `is_typed`: it may be JSON, by its Content-Type."""
    limit_bytes = limits.json_bytes if limits.json_bytes is not None else sys.maxsize
    try:
        body = await read_rest(message, receive, limit_bytes, _limit_of(limits))
    except Exception:
        keep_body(scope, receive, None)
        raise
    try:
        if body and not is_typed:
            raise unsupported(None, "application/json")
        if limits.json_values is not None and len(body) > limits.json_values:
            check_json_values(body, limits.json_values)
    except HTTPException:
        keep_body(scope, receive, body)
        raise
    return body


def check_json_values(body: bytes, most: int) -> None:
    """Raise LimitExceeded (413) if a JSON body has more than `most` values, before it is parsed."""
    if has_more_values(body, most):
        raise LimitExceeded(413, "json_values", most)


async def read_request_json(request: Request, headers: Headers, limits: Limits, *, strict: bool = True) -> bytes:
    """Read a JSON body through a `Request`, so that its `body()` returns the same bytes."""
    media_type = check_json_type(headers)
    limits = limits_in_force(request.scope, limits)
    name = _limit_of(limits)
    is_custom = type(request) is not Request and overrides(request, Request, "body", "stream")
    if not is_custom and "_body" not in request.__dict__:
        try:
            request._body = await read_limited(request.receive, headers, limits.json_bytes, name)
        except Exception:
            request._stream_started = request._stream_consumed = True
            raise
    body = await request.body()
    if limits.json_bytes is not None and len(body) > limits.json_bytes:  # read by a guard or the handler of the route
        raise LimitExceeded(413, name, limits.json_bytes)
    if media_type is None and body and strict:
        raise unsupported(media_type, "application/json")
    if limits.json_values is not None and len(body) > limits.json_values:
        check_json_values(body, limits.json_values)
    return body


# The functions for applications in which a body needs no Content-Type.
LENIENT = {
    "k_read_json": functools.partial(read_json, strict=False),
    "k_read_request_json": functools.partial(read_request_json, strict=False),
}


async def read_body(scope: Scope, receive: Receive, headers: Headers, limits: Limits) -> bytes:
    """Read the bytes of a body of any media type."""
    if LIMITS in scope:
        limits, receive = limits_and_receive(scope, receive, limits)
    try:
        return await read_limited(receive, headers, limits.body_bytes, "body_bytes")
    except Exception:
        keep_body(scope, receive, None)
        raise


async def read_request_body(request: Request) -> bytes:
    """Read a body through a `Request`, whose `receive` is limited already."""
    return await request.body()


def _is_bytes(parameter: Parameter) -> bool:
    return parameter.type.inner_cls in (bytes, bytearray)


RAW_BODY = Row(
    name="raw body",
    place="body",
    marker=Body,
    accepts_if=_is_bytes,
    phase=Phase.BODY,
    after=(HEADER,),
    container="body",
    opening="body = await k_read_body(scope, receive, headers, k_limits)",
    opening_request="body = await k_read_request_body(request)",
    one="body or MISSING",
    error_statuses=(413,),
    uses={"k_read_body": read_body, "k_read_request_body": read_request_body},
)

BODY = Row(
    name="body",
    place="body",
    marker=Body,
    claims_if=lambda parameter: True,  # the last row of the table: all other parameters are JSON
    phase=Phase.BODY,
    after=(HEADER,),
    container="body",
    opening="body = await k_read_json(scope, receive, headers, k_limits)",
    opening_request="body = await k_read_request_json(request, headers, k_limits)",
    quick=QuickOpening(
        {b"content-type": "content_type", b"content-length": "content_length"},
        _read_json_statements,
        {"k_keep_body": keep_body, "k_read_rest_of_json": read_rest_of_json},
    ),
    one="body or MISSING",
    checks="json",
    error_statuses=(400, 413, 415),
    uses={"k_read_json": read_json, "k_read_request_json": read_request_json},
)

# A body with several parameters as members. An empty body is an empty object.
KEYED_BODY = replace(
    BODY,
    name="keyed body",
    claims_if=None,
    marker=None,
    one="body or k_empty_object",
    uses={"k_empty_object": b"{}"},
    opened_by=BODY,
)

"""The request that an exception handler gets, with what was read of its body.

A body arrives once: a new `Request` would wait for one that has passed. So what has made a request, and fails, leaves
it in the scope: a route, an endpoint class, middleware with `dispatch`. A generated binder has no request, unless a
parameter asks for one, and leaves its variables. A request that succeeds leaves nothing, and costs nothing.
"""

from typing import Any

from signette._scope_keys import DECODED, ERRORS, LOST, RECEIVE, REQUEST
from signette.datastructures.multidict import FormData
from signette.requests import Request
from signette.types import Receive, Scope, Send


def keep_request(scope: Scope, request: Request[Any]) -> None:
    """Leave the request of middleware that fails, unless the one of the endpoint has read more of the body."""
    errors = scope.get(ERRORS)
    inner = scope.get(REQUEST, None if errors is None else errors.request)
    kept = request if inner is None else _request_of(inner, scope, request.receive)
    if _progress(kept) == 0 or _progress(kept) < _progress(request):
        kept = request  # what it receives from outlives what the endpoint had to receive from
    scope[REQUEST] = kept
    if errors is not None:  # for handlers outside of middleware that has passed a copy of the scope on
        errors.request = kept


def keep_body(scope: Scope, receive: Receive, body: bytes | None) -> None:
    """Leave the body of a request that fails while it is read. None: a part of it was read."""
    request = scope[REQUEST] = Request(scope, receive)
    if body is not None:
        request._body = body
    request._stream_started = request._stream_consumed = True


def forget_request(scope: Scope) -> None:
    """Drop what was left, when no exception handler will ask for it any more. It holds the scope that it is in."""
    scope.pop(REQUEST, None)
    errors = scope.get(ERRORS)
    if errors is not None:
        errors.unhandled = errors.relay = errors.request = None


def failed_request(scope: Scope, receive: Receive, send: Send, *, is_late: bool = False) -> Request[Any]:
    """The request for an exception handler. A later handler gets the same.

    `is_late`: the response has started. What waited for a disconnect may have received the rest of the body by then,
    so a handler that reads what is not there gets an error, and never waits.
    """
    if DECODED in scope:
        receive = scope[RECEIVE]  # the header fields of the scope are those of the decoded body
    kept = scope.get(REQUEST)
    request = Request[Any](scope, receive) if kept is None else _request_of(kept, scope, receive)
    request._send = send
    errors = scope.get(ERRORS)
    is_lost = is_late or LOST in scope or (errors is not None and errors.body_is_lost)
    if is_lost and _progress(request) < 2:
        request._stream_started = request._stream_consumed = True
    scope[REQUEST] = request
    return request


def _request_of(kept: Request[Any] | dict[str, Any], scope: Scope, receive: Receive) -> Request[Any]:
    """The request that was left, or one of the variables of a binder."""
    if isinstance(kept, Request):
        return kept
    request: Request[Any] | None = kept.get("request")
    if request is not None:
        return request
    request = Request(scope, receive)
    pairs = kept.get("pairs_sent", ())
    if "body" in kept:
        request._body = kept["body"]
    if pairs != ():  # a form without fields is an empty list
        request._form = FormData(pairs)
    chunks = kept.get("body_chunks")  # of a stream of items
    is_read = _progress(request) > 0 or (chunks is not None and chunks.is_started)
    request._stream_started = request._stream_consumed = is_read
    return request


def _progress(request: Request[Any]) -> int:
    """0: nothing of the body was read, 1: it is lost, 2: the request has it, or its form."""
    if "_body" in request.__dict__ or request._form is not None:
        return 2
    return int(request._stream_started)

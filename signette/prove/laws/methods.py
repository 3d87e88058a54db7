"""Laws of methods: HEAD, OPTIONS, methods that are not supported, safe and idempotent methods."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from signette.declarative.returns.events import EVENTS
from signette.declarative.returns.stream import CHUNKS, LINES
from signette.prove.law import Exchange, Law, ProvedOperation, Request, Send, Violation, describe_status
from signette.prove.laws.effects import Readers
from signette.prove.laws.requests import without_conditions
from signette.prove.operations import route_for

# Fields that a response to HEAD should have like that to GET, and that do not change from request to request.
_OF_BOTH = ("Content-Type", "ETag", "Last-Modified")
STREAMS = (CHUNKS, EVENTS, LINES)
_METHODS = ("GET", "PUT", "DELETE", "PATCH", "POST")


class Head(Law):
    """RFC 9110 section 9.3.2."""

    name = "head"
    summary = "HEAD responds as GET does, with the same status and header fields"
    most = 3

    def applies(self, operation: ProvedOperation) -> bool:
        return operation.method == "GET"

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.status is not None and exchange.status < 500 and exchange.complete

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        # A digest of the body, which is compared with `If-None-Match`, may be made for GET alone.
        request = without_conditions(exchange.request)
        route = route_for(operation, replace(request, method="HEAD"))
        if getattr(route, "path", operation.route.path) != operation.route.path:
            return []  # a route for HEAD with another path, such as `/{name}`
        head, get = await send(replace(request, method="HEAD")), await send(request)
        messages = []
        statuses = {get.status, exchange.status} if request == exchange.request else {get.status}
        # The start of a stream is sent to HEAD before the first item, which may be an error.
        if operation.plan.reply.kind in STREAMS:
            statuses.add(operation.plan.reply.status)
        if head.status not in statuses:
            messages.append(f"HEAD responds {_status(head)}, and GET {_status(get)}")
        elif get.is_success and (get.headers, get.body) == (exchange.headers, exchange.body):
            differ = [name for name in _OF_BOTH if head.header(name) not in {None, get.header(name)}]
            # A body may name the method, so that the lengths differ; 0 is the length of a body that was not made.
            if head.header("Content-Length") == "0" and get.body:
                differ.append("Content-Length")
            messages += [f"the header `{name}` of the response to HEAD is not that of GET" for name in differ]
        return [self.violation(operation, message, get, head) for message in messages]


class MethodNotAllowed(Law):
    """RFC 9110 section 15.5.6."""

    name = "method-not-allowed"
    summary = "A method that the path does not support is a 405 with `Allow`, which lists those that it supports"
    most = 1

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.status is not None

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        path = exchange.request.path
        served = {method.upper() for method in operation.document["paths"][operation.path]}
        method = next((each for each in _METHODS if each not in served and not _is_served(operation, each, path)), None)
        if method is None:
            return []
        response = await send(_bare(exchange.request, method))
        if response.status != 405:
            return [self.violation(operation, f"{method} is not declared, and is a {_status(response)}", response)]
        return _of_allow(self, operation, response)


class Options(Law):
    """RFC 9110 sections 9.3.7 and 15.5.6."""

    name = "options"
    summary = "OPTIONS responds with the methods of the path in `Allow`"
    most = 1

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.status is not None

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        response = await send(_bare(exchange.request, "OPTIONS"))
        if not response.is_success and response.status != 405:
            return [self.violation(operation, f"OPTIONS is a {_status(response)}", response)]
        return _of_allow(self, operation, response)


def _of_allow(law: Law, operation: ProvedOperation, response: Exchange) -> list[Violation]:
    allowed = {each.strip() for value in response.header_values("Allow") for each in value.split(",")} - {""}
    where = f"the {_status(response)} for {response.request.method}"
    if not allowed:
        return [law.violation(operation, f"{where} has no header `Allow`", response)]
    if operation.method not in allowed:
        return [law.violation(operation, f"`Allow` of {where} lacks {operation.method}", response)]
    return []


def _is_served(operation: ProvedOperation, method: str, path: str) -> bool:
    """Whether a route that is not in the OpenAPI document takes the method."""
    scope: dict[str, Any] = {"type": "http", "path": path, "root_path": "", "method": method, "headers": []}
    # `Match.FULL` is 2. A path that no route can match is another matter.
    return any(route.matches(scope)[0].value == 2 for route in operation.app.routes)


def _bare(request: Request, method: str) -> Request:
    """The request with another method, and without content."""
    kept = without_conditions(request).without_header("Content-Type").without_header("Content-Length")
    return replace(kept, method=method, body=b"", chunked=False)


def _status(exchange: Exchange) -> str:
    return "failure without a response" if exchange.status is None else describe_status(exchange.status)


class SafeMethods(Law):
    """RFC 9110 section 9.2.1."""

    name = "safe-methods"
    summary = "GET changes nothing that another operation shows"
    most = 2

    def __init__(self) -> None:
        self._readers = Readers()

    def applies(self, operation: ProvedOperation) -> bool:
        return operation.method == "GET"

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.is_success and exchange.complete

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        effect = await self._readers.effect_of(operation, exchange.request, send)
        if effect is None:
            return []
        return [self.violation(operation, f"GET changes what {effect.reader} responds", *effect.exchanges)]


class IdempotentMethods(Law):
    """RFC 9110 section 9.2.2."""

    name = "idempotent-methods"
    summary = "A second equal PUT or DELETE changes nothing more"
    most = 2

    def __init__(self) -> None:
        self._readers = Readers()

    def applies(self, operation: ProvedOperation) -> bool:
        return operation.method in {"PUT", "DELETE"}

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.is_success

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        again = await send(exchange.request)
        if again.status is None or again.status >= 500:
            return [
                self.violation(operation, f"the same {operation.method} again is a {_status(again)}", exchange, again)
            ]
        effect = await self._readers.effect_of(operation, exchange.request, send)
        if effect is None:
            return []
        message = f"the same {operation.method} again changes what {effect.reader} responds"
        return [self.violation(operation, message, *effect.exchanges)]

"""Laws of parameters: required ones are required, and nothing that was sent is sent back in an error."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from signette._http.media import is_json
from signette.declarative.plan.steps import CheckUnknown
from signette.problems import PROBLEM_MEDIA_TYPE, member_types
from signette.prove.law import Exchange, Law, ProvedOperation, Request, Send, Violation
from signette.prove.laws.requests import (
    has_parameter,
    json_of,
    media_type_of,
    parameters_of,
    path_values,
    with_cookie,
    with_path_value,
    with_query,
    without_parameter,
)
from signette.prove.operations import is_served_by

# No text of an application has it by chance.
CANARY = "zq7provecanary"
_MOST_MEMBERS = 12
# URLs in them may have the path and query of the request, percent-encoded, or the id of a resource that it has.
_WITH_URLS = {"link", "location", "content-location"}
_LINKED = re.compile(r"<[^>]*>")


class RequiredParameters(Law):
    """OpenAPI 3.1, Parameter Object: `required`."""

    name = "required-parameters"
    summary = "A request without a required parameter, or without a required body, is rejected"
    most = 2

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.is_success and exchange.intent != "invalid"

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        found = []
        for parameter in parameters_of(operation):
            place, name = parameter["in"], parameter["name"]
            if place == "path" or not parameter.get("required"):
                continue
            if not has_parameter(exchange.request, place, name):
                continue
            response = await send(without_parameter(exchange.request, place, name))
            if response.is_success:
                message = f"the {place} parameter `{name}` is required, and a request without it succeeds"
                found.append(self.violation(operation, message, response))
        body = operation.resolve(operation.definition.get("requestBody", {}))
        if body.get("required") and exchange.request.body:
            bare = exchange.request.without_header("Content-Type").without_header("Content-Length")
            response = await send(replace(bare, body=b""))
            if response.is_success:
                found.append(self.violation(operation, "a request without the required body succeeds", response))
        return found


class UnknownParameters(Law):
    """The option `unknown_query_params="forbid"`."""

    name = "unknown-parameters"
    summary = "An unknown query parameter is rejected where the operation forbids it"
    most = 1

    def applies(self, operation: ProvedOperation) -> bool:
        checks = [step for step in operation.plan.steps if isinstance(step, CheckUnknown)]
        return any(step.rejects and step.source.place == "query" for step in checks)

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.is_success

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        response = await send(with_query(exchange.request, CANARY, "1"))
        if not response.is_success:
            return []
        return [self.violation(operation, "a request with an unknown query parameter succeeds", response)]


class NoEcho(Law):
    """RFC 9457 section 5, CWE-79, CWE-209."""

    name = "no-echo"
    summary = "An error contains no value of the request, except in the declared members of a problem"
    most = 2

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.intent != "invalid" and exchange.status is not None and exchange.complete

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        found = []
        for what, request in _with_canary(operation, exchange.request):
            if not is_served_by(operation, request):
                continue  # the path is one of another operation now
            sent = exchange.request  # a URL has no value of a header or cookie
            may_be_in_url = (request.target, request.body) != (sent.target, sent.body)
            response = await send(request)
            if response.status is None or response.status < 400:
                continue
            if CANARY.encode() in response.body and not _declares_body(operation, response):
                found.append(self.violation(operation, f"the body of an error contains {what}", response))
            for name, value in response.headers:
                if CANARY in _without_urls(name, value, may_be_in_url=may_be_in_url):
                    message = f"the header `{name}` of an error contains {what}"
                    found.append(self.violation(operation, message, response))
        return found


def _without_urls(name: str, value: str, *, may_be_in_url: bool) -> str:
    """The text of a header without the URLs that may have values of the request."""
    if not may_be_in_url or name.lower() not in _WITH_URLS:
        return value
    return _LINKED.sub("<>", value) if name.lower() == "link" else ""


def _declares_body(operation: ProvedOperation, response: Exchange) -> bool:
    """Whether the body is a problem of a class with members, which the operation declares: it chooses what it shows.

    Its media type keeps browsers from reading it as HTML, and the document has its members.
    """
    media_type = response.header("content-type") or ""
    if not media_type.startswith(PROBLEM_MEDIA_TYPE):
        return False
    try:
        problem = json.loads(response.body)
    except ValueError:
        return False
    types = {each.type for each in operation.plan.reply.problems if member_types(each)}
    return isinstance(problem, dict) and problem.get("type") in types


def _with_canary(operation: ProvedOperation, request: Request) -> Iterator[tuple[str, Request]]:
    """The request with a text in place of each value, one by one."""
    for name in path_values(operation, request):
        yield f"the path parameter `{name}`", with_path_value(operation, request, name, CANARY)
    for parameter in parameters_of(operation):
        name = parameter["name"]
        if parameter["in"] == "query":
            yield f"the query parameter `{name}`", with_query(request, name, CANARY)
        elif parameter["in"] == "header":
            yield f"the header `{name}` of the request", request.with_header(name, CANARY)
        elif parameter["in"] == "cookie":
            yield f"the cookie `{name}`", with_cookie(request, name, CANARY)
    body = json_of(request) if is_json(media_type_of(request)) else None
    if isinstance(body, dict):
        for name in list(body)[:_MOST_MEMBERS]:
            changed = json.dumps({**body, name: CANARY}).encode()
            yield f"the member `{name}` of the body", replace(request.without_header("Content-Length"), body=changed)
    elif body is not None:
        changed = json.dumps(CANARY).encode()
        yield "the body of the request", replace(request.without_header("Content-Length"), body=changed)

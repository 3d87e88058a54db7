"""Laws of security schemes: credentials are required, compared and asked for, and caches do not share responses."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from signette._http.cache_control import parse_cache_control
from signette.declarative.policies.cached import Cached
from signette.prove.law import Exchange, Law, ProvedOperation, Request, Send, Violation
from signette.prove.laws.requests import with_cookie, with_query, without_parameter

_WRONG = "prove-wrong-credentials"


class Credentials(Law):
    """RFC 9110 section 11, OpenAPI 3.1, Security Requirement Object."""

    name = "credentials"
    summary = "A request without the credentials that the operation declares, or with wrong ones, does not succeed"
    most = 2

    def applies(self, operation: ProvedOperation) -> bool:
        return is_secured(operation)

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.intent != "invalid"

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        bare = exchange.request
        for scheme in _schemes(operation):
            bare = without_parameter(bare, *_place(scheme))
        wrong = bare
        for scheme in _schemes(operation):
            wrong = _with_wrong(wrong, scheme)
        found = []
        for request, message in ((bare, "without credentials"), (wrong, "with wrong credentials")):
            response = await send(request)
            if response.status is not None and response.status < 400:
                found.append(self.violation(operation, f"a request {message} succeeds", response))
        return found


def is_secured(operation: ProvedOperation) -> bool:
    """Whether the operation requires credentials."""
    requirements = _requirements(operation)
    return bool(requirements) and all(requirements)


def _requirements(operation: ProvedOperation) -> list[Mapping[str, Any]]:
    found: Any = operation.definition.get("security", operation.document.get("security", ()))
    return list(found)


def _schemes(operation: ProvedOperation) -> Iterator[Mapping[str, Any]]:
    known = operation.document.get("components", {}).get("securitySchemes", {})
    for name in sorted({name for each in _requirements(operation) for name in each}):
        yield operation.resolve(known.get(name, {}))


def _place(scheme: Mapping[str, Any]) -> tuple[str, str]:
    """Where a request has the credentials of a scheme."""
    return (scheme["in"], scheme["name"]) if scheme.get("type") == "apiKey" else ("header", "Authorization")


def _with_wrong(request: Request, scheme: Mapping[str, Any]) -> Request:
    place, name = _place(scheme)
    if place == "query":
        return with_query(request, name, _WRONG)
    if place == "cookie":
        return with_cookie(request, name, _WRONG)
    if scheme.get("type") == "apiKey":
        return request.with_header(name, _WRONG)
    kind = str(scheme.get("scheme", "bearer")).title()
    encoded = base64.b64encode(f"{_WRONG}:{_WRONG}".encode()).decode() if kind == "Basic" else _WRONG
    return request.with_header(name, f"{kind} {encoded}")


class Challenge(Law):
    """RFC 9110 section 15.5.2."""

    name = "challenge"
    summary = "A 401 has the header `WWW-Authenticate`"

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        if exchange.status == 401 and exchange.header("WWW-Authenticate") is None:
            return [self.violation(operation, "a 401 has no header `WWW-Authenticate`", exchange)]
        return []


class SharedCache(Law):
    """RFC 9111 section 3.5."""

    name = "shared-cache"
    summary = "A response that requires credentials does not allow caches to share it, unless a policy declares that"

    def applies(self, operation: ProvedOperation) -> bool:
        return is_secured(operation) and not any(isinstance(each, Cached) for each in operation.policies)

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        directives = parse_cache_control(exchange.header("Cache-Control") or "")
        if exchange.is_success and directives.keys() & {"public", "s-maxage"}:
            message = "the response requires credentials, and its `Cache-Control` lets caches share it"
            return [self.violation(operation, message, exchange)]
        return []

"""Laws of URLs in responses: redirects, and the location of what was created."""

from collections.abc import Iterable
from dataclasses import replace

from signette.prove.law import Exchange, Law, ProvedOperation, Send, Violation, describe_status
from signette.prove.laws.requests import reading, target_in_app

REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 10


class Redirects(Law):
    """RFC 9110 section 15.4."""

    name = "redirects"
    summary = "A redirect has `Location`, and redirects within the application end"
    most = 3

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.status in REDIRECTS

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        exchanges, seen = [exchange], {(exchange.request.method, exchange.request.target)}
        while exchanges[-1].status in REDIRECTS:
            last = exchanges[-1]
            location = last.header("Location")
            if not location:
                return [self.violation(operation, "a redirect has no header `Location`", *exchanges)]
            target = target_in_app(last.request, location)
            if target is None:
                break
            is_kept = last.status in {307, 308}
            request = replace(last.request, target=target) if is_kept else reading(last.request, target)
            if (request.method, target) in seen or len(exchanges) > MOST_REDIRECTS:
                return [self.violation(operation, "redirects never end", *exchanges)]
            seen.add((request.method, target))
            exchanges.append(await send(request))
        return []


class Location(Law):
    """RFC 9110 section 15.3.2."""

    name = "location"
    summary = "The `Location` of a 201 is the URL of what was created: GET does not respond 404"
    most = 2

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.status == 201 and exchange.header("Location") is not None

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        target = target_in_app(exchange.request, exchange.header("Location") or "")
        if target is None:
            return []
        response = await send(reading(exchange.request, target))
        if response.status is None or response.status == 404 or response.status >= 500:
            status = "a failure" if response.status is None else f"a {describe_status(response.status)}"
            return [self.violation(operation, f"GET of the `Location` of a 201 is {status}", exchange, response)]
        return []

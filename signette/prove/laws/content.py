"""Laws of content negotiation, and of what caches need to know about it."""

from collections.abc import Iterable

from signette.declarative.policies.cached import Cached
from signette.prove.law import Exchange, Law, ProvedOperation, Request, Send, Violation
from signette.prove.laws.requests import without_conditions

# Header fields that responses often depend on, each with two values.
_VALUES = {
    "Accept-Language": ("de", "fr"),
    "Accept": ("application/json", "text/html"),
    "Accept-Encoding": ("identity", "gzip"),
    "Origin": ("https://one.example", "https://two.example"),
}


class Negotiation(Law):
    """RFC 9110 section 12.5.1."""

    name = "negotiation"
    summary = "`Accept` with a declared media type leads to a response of that type, and with an unknown one to a 406"
    most = 1

    def applies(self, operation: ProvedOperation) -> bool:
        return "406" in operation.responses

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.is_success and exchange.media_type != ""

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        declared = (operation.response_for(exchange.status or 0) or {}).get("content", {})
        plain, found = without_conditions(exchange.request), []
        for media_type in (name.partition(";")[0].lower() for name in declared if "*" not in name):
            response = await send(plain.with_header("Accept", media_type))
            if response.is_success and response.media_type != media_type:
                message = f"`Accept: {media_type}` leads to a response of the media type {response.media_type}"
                found.append(self.violation(operation, message, response))
            elif response.status == 406:
                message = f"`Accept: {media_type}` is a 406, and the media type is declared"
                found.append(self.violation(operation, message, response))
        unknown = await send(plain.with_header("Accept", "application/x-prove-unknown"))
        if unknown.is_success:
            found.append(self.violation(operation, "`Accept` with an unknown media type is not a 406", unknown))
        return found


class Vary(Law):
    """RFC 9110 section 12.5.5, RFC 9111 section 4.1."""

    name = "vary"
    summary = "If a response that may be stored depends on a header, `Vary` names it, and caches take account of it"
    most = 2

    def applies(self, operation: ProvedOperation) -> bool:
        return operation.method == "GET"

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        directives = (exchange.header("Cache-Control") or "").lower()
        is_stored = any(isinstance(each, Cached) for each in operation.policies) or "max-age" in directives
        return exchange.status == 200 and exchange.complete and is_stored and "no-store" not in directives

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        plain, found = without_conditions(exchange.request), []
        for name, values in _VALUES.items():
            one, two = (plain.with_header(name, value) for value in values)
            message, exchanges = await _difference(name, one, two, send)
            if message:
                found.append(self.violation(operation, message, *exchanges))
        return found


async def _difference(name: str, one: Request, two: Request, send: Send) -> tuple[str, tuple[Exchange, ...]]:
    """What is wrong with the responses to two values of a header; empty if they are right."""
    fresh = [await send(each.with_header("Cache-Control", "no-cache")) for each in (one, two, one)]
    is_steady = fresh[0].body == fresh[2].body and all(each.status == 200 for each in fresh)
    if not is_steady or fresh[0].body == fresh[1].body:
        return "", ()
    named = {part.strip().lower() for value in fresh[0].header_values("Vary") for part in value.split(",")}
    if not named & {name.lower(), "*"}:
        return f"the response depends on `{name}`, and `Vary` does not name it", (fresh[0], fresh[1])
    stored = [await send(one), await send(two)]
    if [each.body for each in stored] != [fresh[0].body, fresh[1].body]:
        return f"a cache sends the response of another `{name}`", tuple(stored)
    return "", ()

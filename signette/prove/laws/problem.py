"""The members that all problems have."""

from collections.abc import Iterable, Mapping
from typing import Any

from signette.prove.law import Exchange, Law, ProvedOperation, Send, Violation

# RFC 9457 section 3.1: a consumer must ignore a member of another type.
_TYPES: Mapping[str, tuple[type, str]] = {
    "type": (str, "a text"),
    "title": (str, "a text"),
    "detail": (str, "a text"),
    "instance": (str, "a text"),
    "status": (int, "a number"),
}


class ProblemMembers(Law):
    """RFC 9457 section 3."""

    name = "problem"
    summary = "A problem is a JSON object whose `status` is that of the response, and whose members have their types"

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.media_type == "application/problem+json" and exchange.request.method != "HEAD"

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        try:
            body = exchange.json()
        except ValueError:
            return [self.violation(operation, "a problem is not JSON", exchange)]
        return [self.violation(operation, message, exchange) for message in _messages(body, exchange.status)]


def _messages(body: Any, status: int | None) -> Iterable[str]:
    if not isinstance(body, dict):
        yield "a problem is not a JSON object"
        return
    for name, (expected, words) in _TYPES.items():
        if name in body and (not isinstance(body[name], expected) or isinstance(body[name], bool)):
            yield f"the member `{name}` of a problem is not {words}"
    if isinstance(body.get("status"), int) and body["status"] != status:
        yield f"the member `status` of a problem is {body['status']}, and the status of the response is {status}"

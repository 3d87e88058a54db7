"""The law of pages: however large they are, all pages together list each item once, in the same order."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from signette.prove.law import Exchange, Law, ProvedOperation, Request, Send, Violation
from signette.prove.laws.requests import (
    parameters_of,
    target_in_app,
    with_query,
    without_conditions,
    without_headers,
    without_query,
)

# Pages that are followed at most: 3 * 40 items show what is wrong, and a list may have millions.
MOST_PAGES = 40
SMALL = 3
_NEXT = re.compile(r"<([^>]*)>[^,]*;\s*rel=\"?next\"?", re.IGNORECASE)


@dataclass(slots=True)
class _Walk:
    """The pages of a list, followed by `Link`."""

    exchanges: list[Exchange] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    """The items as JSON."""
    problem: str = ""
    has_ended: bool = False


class Pages(Law):
    """RFC 8288 section 3."""

    name = "pages"
    summary = "All pages together list each item once, pages of any size the same items, and the last one has no `next`"
    most = 2

    def applies(self, operation: ProvedOperation) -> bool:
        return operation.plan.reply.paging is not None

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.status == 200 and _body_of(exchange) is not None

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        first = _first_page(operation, exchange.request)
        least, most = _sizes(operation)
        small = await _walk(with_query(first, "limit", str(max(least, min(SMALL, most)))), send)
        large = await _walk(with_query(first, "limit", str(most)), send)
        for walk in (small, large):
            if walk.problem:
                return [self.violation(operation, walk.problem, *walk.exchanges[-2:])]
        length = min(len(small.items), len(large.items))
        differ = small.items[:length] != large.items[:length]
        if not differ and not (small.has_ended and large.has_ended and len(small.items) != len(large.items)):
            return []
        again = await _walk(small.exchanges[0].request, send)
        if again.items != small.items:  # the list changes from request to request
            return []
        message = "small pages list other items than large ones: items are missing, or repeated"
        return [self.violation(operation, message, *large.exchanges[:1], *small.exchanges[:2])]


def _first_page(operation: ProvedOperation, request: Request) -> Request:
    paging = operation.plan.reply.paging
    assert paging is not None
    for name in paging.names:
        request = without_query(request, name)
    return without_headers(without_conditions(request), "Accept")


def _sizes(operation: ProvedOperation) -> tuple[int, int]:
    """The smallest and the largest page."""
    schemas = [each.get("schema", {}) for each in parameters_of(operation) if each["name"] == "limit"]
    schema: Mapping[str, Any] = operation.resolve(schemas[0]) if schemas else {}
    return int(schema.get("minimum", 1)), int(schema.get("maximum", 100))


async def _walk(request: Request, send: Send) -> _Walk:
    walk, targets = _Walk(), {request.target}
    while len(walk.exchanges) < MOST_PAGES:
        exchange = await send(request)
        walk.exchanges.append(exchange)
        body = _body_of(exchange)
        if exchange.status != 200 or body is None:
            number = "the first page" if len(walk.exchanges) == 1 else "a next page"
            walk.problem = f"{number} is a {exchange.status}, not a 200 with items"
            return walk
        walk.items += [json.dumps(item, sort_keys=True) for item in body["items"]]
        target = _next_of(exchange)
        if (target is None) != (body.get("next") is None):
            walk.problem = "the member `next` and the header `Link` do not agree"
            return walk
        if target is None:
            walk.has_ended = True
            return walk
        if target in targets:
            walk.problem = "the pages never end: `next` leads to a page that was listed before"
            return walk
        targets.add(target)
        request = Request(request.method, target, request.headers)
    return walk


def _next_of(exchange: Exchange) -> str | None:
    for value in exchange.header_values("Link"):
        if found := _NEXT.search(value):
            return target_in_app(exchange.request, found[1])
    return None


def _body_of(exchange: Exchange) -> dict[str, Any] | None:
    """The page; None if it is in another format than JSON, or has an envelope of unknown shape."""
    try:
        body = exchange.json()
    except ValueError:
        return None
    if isinstance(body, dict) and not isinstance(body.get("items"), list):
        body = next((each for each in body.values() if isinstance(each, dict) and "items" in each), None)
    return body if isinstance(body, dict) and isinstance(body.get("items"), list) else None

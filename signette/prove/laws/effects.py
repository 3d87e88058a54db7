"""What a request changes, as other operations show it.

A law cannot look into the state of an application, but it can read it: the GET operations without required parameters,
and the GET of the same path. A reader counts only if it responds twice in a row with the same bytes; a request has an
effect only if the reader changes each time that the request is sent, and stays as it is without it. So a clock or a
random number is no effect.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from signette.prove.law import Exchange, ProvedOperation, Request, Send
from signette.prove.laws.requests import reading

MOST_READERS = 8
# A reader with a larger body takes long to read, and is left out.
MOST_BYTES = 64 * 1024
# How often a reader that seems to show an effect is read again.
CONTROLS = 8

_Shown = tuple[int | None, bytes]


@dataclass(frozen=True, slots=True)
class Effect:
    """A reader that each of two requests has changed."""

    reader: str
    """Method and path of the operation that shows it."""
    exchanges: tuple[Exchange, ...]
    """The reader before, the request, and the reader after it."""


@dataclass(slots=True)
class Readers:
    """The operations that show the state of an application."""

    _left_out: set[str] = field(default_factory=set)

    async def effect_of(self, operation: ProvedOperation, request: Request, send: Send) -> Effect | None:
        """The effect of sending a request twice; None if no reader shows one."""
        targets = {path: each for path, each in _readers(operation, request).items() if path not in self._left_out}
        first = await _read(targets, request, send)
        self._left_out |= {path for path, exchange in first.items() if not _is_small(exchange)}
        targets = {path: each for path, each in targets.items() if path not in self._left_out}
        before = await _read(targets, request, send)
        stable = [path for path in sorted(targets) if _shows(before[path]) == _shows(first[path])]
        if not stable:
            return None
        sent = await send(request)
        between = await _read(targets, request, send)
        await send(request)
        after = await _read(targets, request, send)
        for path in stable:
            one, two, three = (_shows(each[path]) for each in (before, between, after))
            if one != two != three and await _stays(targets[path], request, send, three):
                return Effect(f"GET {path}", (before[path], sent, between[path]))
        return None


def _readers(operation: ProvedOperation, request: Request) -> Mapping[str, str]:
    """The targets of the readers by path template."""
    found = {}
    for path, item in operation.document.get("paths", {}).items():
        definition = item.get("get")
        if definition is None or (operation.method, operation.path) == ("GET", path):
            continue
        if not _is_plain(operation, (*item.get("parameters", ()), *definition.get("parameters", ())), definition):
            continue
        if path == operation.path:
            found[path] = request.path
        elif "{" not in path and len(found) < MOST_READERS:
            found[path] = path
    return found


def _is_plain(operation: ProvedOperation, parameters: Iterable[Any], definition: Mapping[str, Any]) -> bool:
    """It has no required parameters but those of its path, and responds with JSON or plain text."""
    resolved = [operation.resolve(each) for each in parameters]
    if any(each.get("required") and each["in"] != "path" for each in resolved):
        return False
    content = operation.resolve(definition.get("responses", {}).get("200", {})).get("content", {})
    return list(content) in (["application/json"], ["text/plain"])


async def _read(targets: Mapping[str, str], request: Request, send: Send) -> dict[str, Exchange]:
    return {path: await send(_fresh(request, target)) for path, target in targets.items()}


async def _stays(target: str, request: Request, send: Send, shown: _Shown) -> bool:
    """Whether a reader responds in the same way again and again."""
    for _ in range(CONTROLS):
        if _shows(await send(_fresh(request, target))) != shown:
            return False
    return True


def _fresh(request: Request, target: str) -> Request:
    """A request for a reader. A cache may send what was true before."""
    return reading(request, target).with_header("Cache-Control", "no-cache")


def _is_small(exchange: Exchange) -> bool:
    return exchange.complete and exchange.status is not None and len(exchange.body) <= MOST_BYTES


def _shows(exchange: Exchange) -> _Shown:
    return exchange.status, exchange.body

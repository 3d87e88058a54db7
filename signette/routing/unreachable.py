"""Unreachable routes: earlier routes match all of their requests.

Theory of operation. The routes are added one by one to a tree of segments like that of `index`. Before a route is
added, a walk down the tree along its segments finds the earlier routes that match every path that it matches:

* a literal segment is covered by the same literal, and by a parameter whose expression matches it;
* a parameter is covered by one with the same expression, and by one that matches every segment;
* a `{path:path}` covers the rest of every path.

Two different expressions may match the same strings; this is not detected. There is one walk for each route, so the
time is not quadratic in the number of routes. Hosts and routes with a custom `matches` are ignored.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from signette.routing.base import BaseRoute, IndexEntry
from signette.routing.matching import Segment, read_template


class EarlierRoute(NamedTuple):
    """An earlier route, its position and its methods. None means any method."""

    position: int
    route: Any
    methods: frozenset[str] | None


class _Level:
    __slots__ = ("ends", "literals", "parameters", "tails")

    def __init__(self) -> None:
        self.literals: dict[str, _Level] = {}
        self.parameters: dict[str, tuple[Any, _Level]] = {}
        self.ends: list[EarlierRoute] = []
        self.tails: list[EarlierRoute] = []

    def insert(self, segments: Sequence[Segment], route: EarlierRoute) -> None:
        level = self
        for segment in segments:
            if segment.tail:
                level.tails.append(route)
                return
            if segment.text is not None:
                level = level.literals.setdefault(segment.text, _Level())
            else:
                level = level.parameters.setdefault(segment.pattern, (segment.check, _Level()))[1]
        level.ends.append(route)

    def collect(self, segments: Sequence[Segment], at: int, found: list[EarlierRoute]) -> None:
        """Add the routes below that match all paths that the segments from `at` on match."""
        if at == len(segments):
            found += self.ends
            return
        found += self.tails
        segment = segments[at]
        if segment.tail:
            return
        text = segment.text
        if text is not None and (level := self.literals.get(text)) is not None:
            level.collect(segments, at + 1, found)
        for pattern, (check, level) in self.parameters.items():
            matches_all = check is None and text != ""
            fits = text and check is not None and check(text) is not None
            if matches_all or fits or (text is None and pattern == segment.pattern):
                level.collect(segments, at + 1, found)


def unreachable_routes(routes: Iterable[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Each unreachable route, with the earlier routes that match its requests."""
    listed = list(routes)
    for kind in ("http", "websocket"):
        root = _Level()
        for position, route in enumerate(listed):
            if not isinstance(route, BaseRoute) or not route.fits_type(kind):
                continue
            exact = _without_implied_head(route, route.index_entry(kind))
            index_entry = exact or _without_implied_head(route, _prefix_entry(route))
            if index_entry is None:
                continue
            earlier: list[EarlierRoute] = []
            root.collect(index_entry.segments, 0, earlier)
            others = _covering_routes(index_entry.methods, sorted(earlier, key=_position)) if earlier else []
            if others and (kind == "http" or not route.fits_type("http")):  # a mount matches both: report it once
                yield route, others
            if exact:
                root.insert(index_entry.segments, EarlierRoute(position, route, index_entry.methods))


def _without_implied_head(route: BaseRoute, index_entry: IndexEntry | None) -> IndexEntry | None:
    """The entry without the HEAD that a later route may handle."""
    if index_entry is None or index_entry.methods is None or not route.has_implied_head:
        return index_entry
    return IndexEntry(index_entry.segments, index_entry.methods - {"HEAD"})


def _covering_routes(methods: frozenset[str] | None, earlier: Sequence[EarlierRoute]) -> list[Any]:
    """The routes that together handle all of these methods. Empty if a method is left."""
    found: dict[int, Any] = {}
    for method in sorted(methods) if methods else [None]:
        first = next((each for each in earlier if each.methods is None or method in each.methods), None)
        if first is None:
            return []
        found[first.position] = first.route
    return list(found.values())


def _prefix_entry(route: BaseRoute) -> IndexEntry | None:
    """An entry for a route without segments: its segments up to a parameter that matches slashes, then any rest."""
    template = getattr(route, "_template", None)
    if template is None or template.segments or getattr(route, "path", None) != template.path:
        return None
    segments: list[Segment] = []
    for part in template.path.split("/"):
        compiled = read_template(part).segments
        if compiled is None or compiled[0].tail:
            break
        segments += compiled
    methods = getattr(route, "methods", None)
    return IndexEntry((*segments, Segment(tail=True)), frozenset(methods) if methods else None)


def _position(route: EarlierRoute) -> int:
    return route.position

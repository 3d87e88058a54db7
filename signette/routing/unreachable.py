"""Routes that are never reached, because earlier ones take all that they could.

Theory of operation. The routes are put into a tree of segments one after the other, as `index` does, and each is looked
up before it is put in: a walk down the tree along its own segments meets those earlier routes that fit every path that
it fits. A piece of text is taken by the same text, and by parameters whose expression it fits; a parameter by one with
the same expression, and by one that takes each piece; and a `{path:path}` takes whatever follows. Two expressions that
differ may still take the same texts: of that nothing is said. One walk a route, so that a thousand cost no square.

What matches in its own way (hosts, own `matches`) is neither told of nor seen as taking anything.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from signette.routing.base import BaseRoute, IndexEntry
from signette.routing.matching import Segment, read_template


class EarlierRoute(NamedTuple):
    """An earlier route, and the methods that it takes; None: any."""

    position: int
    route: Any
    methods: frozenset[str] | None


class _Level:
    __slots__ = ("ends", "tails", "texts", "ways")

    def __init__(self) -> None:
        self.texts: dict[str, _Level] = {}
        self.ways: dict[str, tuple[Any, _Level]] = {}
        self.ends: list[EarlierRoute] = []
        self.tails: list[EarlierRoute] = []

    def insert(self, segments: Sequence[Segment], taker: EarlierRoute) -> None:
        level = self
        for segment in segments:
            if segment.tail:
                level.tails.append(taker)
                return
            if segment.text is not None:
                level = level.texts.setdefault(segment.text, _Level())
            else:
                level = level.ways.setdefault(segment.pattern, (segment.check, _Level()))[1]
        level.ends.append(taker)

    def collect(self, segments: Sequence[Segment], at: int, found: list[EarlierRoute]) -> None:
        """Add those that fit whatever the segments from `at` on fit."""
        if at == len(segments):
            found += self.ends
            return
        found += self.tails
        segment = segments[at]
        if segment.tail:
            return
        text = segment.text
        if text is not None and (level := self.texts.get(text)) is not None:
            level.collect(segments, at + 1, found)
        for pattern, (check, level) in self.ways.items():
            takes_all = check is None and text != ""
            fits = text and check is not None and check(text) is not None
            if takes_all or fits or (text is None and pattern == segment.pattern):
                level.collect(segments, at + 1, found)


def unreachable_routes(routes: Iterable[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Each route that is never reached, with the earlier ones that take all that it could."""
    listed = list(routes)
    for kind in ("http", "websocket"):
        root = _Level()
        for position, route in enumerate(listed):
            if not isinstance(route, BaseRoute) or not route.fits_type(kind):
                continue
            exact = route.index_entry(kind)
            index_entry = exact or _row_of(route)
            if index_entry is None:
                continue
            takers: list[EarlierRoute] = []
            root.collect(index_entry.segments, 0, takers)
            others = _all_taken(index_entry.methods, sorted(takers, key=_position)) if takers else []
            if others and (kind == "http" or not route.fits_type("http")):  # a mount answers both, and is told of once
                yield route, others
            if exact:
                root.insert(index_entry.segments, EarlierRoute(position, route, index_entry.methods))


def _all_taken(methods: frozenset[str] | None, takers: Sequence[EarlierRoute]) -> list[Any]:
    """The routes that together take all of these methods; none where one of them is left."""
    found: dict[int, Any] = {}
    for method in sorted(methods) if methods else [None]:
        taker = next((each for each in takers if each.methods is None or method in each.methods), None)
        if taker is None:
            return []
        found[taker.position] = taker.route
    return list(found.values())


def _row_of(route: BaseRoute) -> IndexEntry | None:
    """The row of a route whose segments do not decide alone: the part before those, and then anything."""
    template = getattr(route, "_template", None)
    if template is None or template.segments or getattr(route, "path", None) != template.path:
        return None
    pieces: list[Segment] = []
    for piece in template.path.split("/"):
        alone = read_template(piece).segments
        if alone is None or alone[0].tail:
            break
        pieces += alone
    methods = getattr(route, "methods", None)
    return IndexEntry((*pieces, Segment(tail=True)), frozenset(methods) if methods else None)


def _position(taker: EarlierRoute) -> int:
    return taker.position

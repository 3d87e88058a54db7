"""Which route answers, found without asking each of them.

Theory of operation. The first route of the list that fits wins, whatever the index does to find it. Routes are of two
kinds:

* *Understood*: they have a `row` (segments and methods). They hang in a tree with a level for each segment; a walk
  down the tree along the segments of a path meets all of them that fit, and the lowest position in the list wins.
* *Asked*: anything else (own `matches`, hosts, templates across slashes). Their `matches` is called in list order,
  once, and only of those that stand before the best understood one.

Paths without parameters are answered from a dictionary, which is filled by walking the tree once for each of them
when the index is built; only where an asked route stands before the answer, it must stay out of the dictionary.

An index is never changed. `RouteList` makes a new one after the list was.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from signette.routing.answers import wrong_method
from signette.routing.base import BaseRoute, Handler, IndexEntry
from signette.routing.foreign import ForeignRoute
from signette.routing.matching import Fit, Match, Segment
from signette.types import Receive, Scope, Send

_NOWHERE = 1 << 60


Hit = tuple[Handler, Sequence[str]]


class CustomMatch(Handler):
    """A route that said by itself that it fits, and what the scope is to get."""

    __slots__ = ("_child_scope", "route")

    def __init__(self, route: Any, child_scope: Scope) -> None:
        self.route = route
        self._child_scope = child_scope

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:  # noqa: ARG002 - as a route's
        scope.update(self._child_scope)
        answer: Awaitable[None] = self.route.handle(scope, receive, send)
        return answer

    def populate_scope(self, scope: Scope, values: Sequence[str]) -> None:  # noqa: ARG002 - as a route's
        scope.update(self._child_scope)


class MethodNotAllowed(Handler):
    """The answer where routes fit the path, and none the method. `first` is the first of them."""

    __slots__ = ("_first", "methods")

    def __init__(self, first: Handler, methods: Iterable[str]) -> None:
        self._first = first
        self.methods = methods

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        self._first.populate_scope(scope, values)
        return wrong_method(self.methods, scope, receive, send)

    def populate_scope(self, scope: Scope, values: Sequence[str]) -> None:
        """`run` did."""


class _Candidate(NamedTuple):
    """A route that fits a path, by its place in the list. `methods`: None where it takes any."""

    position: int
    route: Handler
    methods: frozenset[str] | None
    values: tuple[str, ...]


_position_of = attrgetter("position")

_Check = Callable[[str], Fit | None] | None


class _Node:
    """One level of the tree. Below are the ways on: by text, by a parameter, or by all the rest of the path."""

    __slots__ = ("ends", "first", "tails", "texts", "ways")

    def __init__(self) -> None:
        self.texts: dict[str, _Node] = {}
        self.ways: list[tuple[str, _Check, bool, _Node]] = []
        self.ends: list[tuple[int, Handler, frozenset[str] | None]] = []
        self.tails: list[tuple[int, Handler, frozenset[str] | None]] = []
        self.first = _NOWHERE  # the lowest position at or below: nothing better is to be found here

    def insert(self, position: int, route: Handler, index_entry: IndexEntry) -> None:
        node = self
        node.first = min(node.first, position)
        for segment in index_entry.segments[1:]:  # each path begins with "/", so that its first piece is empty
            if segment.tail:
                node.tails.append((position, route, index_entry.methods))
                return
            text = segment.text
            node = node._way(segment) if text is None else node.texts.setdefault(text, _Node())
            node.first = min(node.first, position)
        node.ends.append((position, route, index_entry.methods))

    def _way(self, segment: Segment) -> "_Node":
        for pattern, _, _, node in self.ways:
            if pattern == segment.pattern:
                return node
        node = _Node()
        self.ways.append((segment.pattern, segment.check, segment.whole, node))
        return node


_Step = tuple[_Node, int, tuple[str, ...]]  # where the walk is, how many pieces it has used, the values it has met


_NO_VALUES: tuple[str, ...] = ()


class RouteIndex:
    """`find` gives the route that answers, in a time that hardly grows with the number of routes.

    `exact` has the answers that are certain from path and method alone. `handler_of` gives what is found for a route
    that is understood.
    """

    __slots__ = ("_linear", "_root", "exact")

    def __init__(
        self, routes: Iterable[Any], kind: str, handler_of: Callable[[BaseRoute], Handler] = lambda route: route
    ) -> None:
        self._root = _Node()
        self._linear: list[tuple[int, Any]] = []
        fixed: set[str] = set()
        for position, route in enumerate(routes):
            index_entry = None
            if isinstance(route, BaseRoute):
                if not route.fits_type(kind):
                    continue
                index_entry = route.index_entry(kind)
            else:
                route = ForeignRoute(route)  # noqa: PLW2901 - from here on it is one like others
            if index_entry is None:
                self._linear.append((position, route))
                continue
            self._root.insert(position, handler_of(route), index_entry)
            if all(segment.text is not None for segment in index_entry.segments):
                fixed.add("/".join(segment.text or "" for segment in index_entry.segments))
        self.exact: dict[str, dict[str, Hit]] = {path: self._answers(path) for path in fixed}

    def _answers(self, path: str) -> dict[str, Hit]:
        """The answers to a fixed path by method, as far as they are certain whatever else the scope holds."""
        asked = self._linear[0][0] if self._linear else _NOWHERE
        answers: dict[str, Hit] = {}
        for position, route, methods, values in self._candidates(path):
            if position > asked or methods is None:
                break
            for method in methods:
                answers.setdefault(method, (route, values))
        return answers

    def find(self, path: str, method: str, scope: Scope) -> Hit | None:
        """The first route that fits path and method, with the raw texts of its parameters.

        Where routes fit the path alone, it is something that answers 405, or OPTIONS. None: no route fits.
        """
        answers = self.exact.get(path)
        if answers is not None:
            hit = answers.get(method)
            if hit is not None:
                return hit
        position, hit, fits_path = self._walk(path, method)
        if self._linear:
            asked = self._match_linear(position, scope)
            if isinstance(asked, CustomMatch):
                return asked, ()
            if hit is None and (fits_path or asked):
                return self._refuse(path, asked)
        elif hit is None and fits_path:
            return self._refuse(path, [])
        return hit

    def fits(self, path: str, scope: Scope) -> bool:
        """Whether any route fits the path, whatever the method. `scope` is one with that path."""
        if self._walk(path, "")[2]:
            return True
        return any(route.matches(scope)[0] is not Match.NONE for _, route in self._linear)

    def _match_linear(self, end: int, scope: Scope) -> "CustomMatch | list[tuple[int, Any, CustomMatch]]":
        """The first asked route before this position that fits; else those of them that fit all but the method."""
        partials: list[tuple[int, Any, CustomMatch]] = []
        for position, route in self._linear:
            if position > end:
                break
            match, child_scope = route.matches(scope)
            if match is Match.FULL:
                return CustomMatch(route, child_scope)
            if match is Match.PARTIAL:
                partials.append((position, route, CustomMatch(route, child_scope)))
        return partials

    def _walk(self, path: str, method: str) -> tuple[int, Hit | None, bool]:  # noqa: C901, PLR0912 - PERF: one frame a request
        """The first understood route that fits, with its position, and whether any fits the path alone."""
        pieces = path.split("/")
        count = len(pieces)
        best, hit, fits_path = _NOWHERE, None, False
        if pieces[0]:
            return best, hit, fits_path
        waiting: list[_Step] = []
        node, depth, values = self._root, 1, _NO_VALUES
        while True:
            while node.first < best:
                if depth == count:
                    for position, route, methods in node.ends:
                        fits_path = True
                        if position < best and (methods is None or method in methods):
                            best, hit = position, (route, values)
                    break
                if node.tails:
                    rest = "/".join(pieces[depth:])
                    for position, route, methods in node.tails:
                        fits_path = True
                        if position < best and (methods is None or method in methods):
                            best, hit = position, (route, (*values, rest))
                piece = pieces[depth]
                depth += 1
                on, met = node.texts.get(piece), values
                if node.ways and piece:
                    for _, check, whole, way in node.ways:
                        if check is None:
                            taken = (*values, piece)
                        elif (match := check(piece)) is None:
                            continue
                        else:
                            taken = (*values, piece) if whole else (*values, *match.groupdict().values())
                        if on is None:
                            on, met = way, taken
                        else:
                            waiting.append((way, depth, taken))
                if on is None:
                    break
                node, values = on, met
            if not waiting:
                return best, hit, fits_path
            node, depth, values = waiting.pop()

    def _candidates(self, path: str) -> list[_Candidate]:
        """All understood routes that fit the path, in the order of the list."""
        pieces = path.split("/")
        found: list[_Candidate] = []
        waiting: list[_Step] = [] if pieces[0] else [(self._root, 1, _NO_VALUES)]
        while waiting:
            node, depth, values = waiting.pop()
            if depth == len(pieces):
                found += (_Candidate(*end, values) for end in node.ends)
                continue
            rest = "/".join(pieces[depth:]) if node.tails else ""
            found += (_Candidate(*tail, (*values, rest)) for tail in node.tails)
            piece = pieces[depth]
            if piece in node.texts:
                waiting.append((node.texts[piece], depth + 1, values))
            for _, check, _, way in node.ways if piece else ():
                if check is None:
                    waiting.append((way, depth + 1, (*values, piece)))
                elif (match := check(piece)) is not None:
                    waiting.append((way, depth + 1, (*values, *match.groupdict().values())))
        found.sort(key=_position_of)
        return found

    def _refuse(self, path: str, partials: list[tuple[int, Any, CustomMatch]]) -> Hit | None:
        """What answers where routes fit the path but not the method. `partials` are the asked ones of these."""
        candidates = self._candidates(path)
        if len(candidates) == 1 and not partials:  # PERF: the usual case
            only = candidates[0]
            return MethodNotAllowed(only.route, only.methods or ()), only.values
        fitting: list[tuple[int, Handler, Sequence[str], Iterable[str]]] = [
            (one.position, one.route, one.values, one.methods or ()) for one in candidates
        ]
        for position, route, foreign in partials:
            methods = route.allowed() if isinstance(route, BaseRoute) else None
            if methods is None and (not fitting or position < fitting[0][0]):
                return foreign, ()  # the first that fits refuses in its own way
            fitting.append((position, foreign, (), methods or ()))
            fitting.sort(key=lambda one: one[0])
        if not fitting:
            return None
        _, first, values, _ = fitting[0]
        return MethodNotAllowed(first, {method for one in fitting for method in one[3]}), values

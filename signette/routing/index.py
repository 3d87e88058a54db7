"""Which route answers, found without asking each of them.

Theory of operation. The first route of the list that fits wins, whatever the index does to find it. Routes are of two kinds:

* *Understood*: they have a `row` (segments and methods). They hang in a tree with a level for each segment; a walk down the
  tree along the segments of a path meets all of them that fit, and the lowest position in the list wins.
* *Asked*: anything else (own `matches`, hosts, templates across slashes). Their `matches` is called in list order, once, and
  only of those that stand before the best understood one.

Paths without parameters are answered from a dictionary, which is filled by walking the tree once for each of them when the
index is built; only where an asked route stands before the answer, it must stay out of the dictionary.

An index is never changed. `RouteList` makes a new one after the list was.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from signette.routing.answers import wrong_method
from signette.routing.base import BaseRoute, Row
from signette.routing.matching import Match
from signette.types import Receive, Scope, Send

_NOWHERE = 1 << 60


class Runner(Protocol):
    """What the index finds: a route that was matched, or something that answers in its place."""

    limits_itself: bool

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        """Answer."""

    def note(self, scope: Scope, values: Sequence[str]) -> None:
        """Give the scope the keys that a handler of exceptions may want."""


Hit = tuple[Runner, Sequence[str]]


class Foreign:
    """A route that said by itself that it fits, and what the scope is to get."""

    __slots__ = ("_child_scope", "route")
    limits_itself = False

    def __init__(self, route: Any, child_scope: Scope) -> None:
        self.route = route
        self._child_scope = child_scope

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        scope.update(self._child_scope)
        answer: Awaitable[None] = self.route.handle(scope, receive, send)
        return answer

    def note(self, scope: Scope, values: Sequence[str]) -> None:
        scope.update(self._child_scope)


class Refusal:
    """The answer where routes fit the path, and none the method. `first` is the first of them."""

    __slots__ = ("_first", "_methods")
    limits_itself = False

    def __init__(self, first: Runner, methods: Iterable[str]) -> None:
        self._first = first
        self._methods = methods

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        self._first.note(scope, values)
        return wrong_method(self._methods, scope, receive, send)

    def note(self, scope: Scope, values: Sequence[str]) -> None:
        """`run` did."""


class _Candidate(NamedTuple):
    """A route that fits a path, by its place in the list. `methods`: None where it takes any."""

    position: int
    route: BaseRoute
    methods: frozenset[str] | None
    values: tuple[str, ...]


_Check = Callable[[str], Any] | None


class _Node:
    """One level of the tree. Below are the ways on: by text, by a parameter, or by all the rest of the path."""

    __slots__ = ("ends", "first", "tails", "texts", "ways")

    def __init__(self) -> None:
        self.texts: dict[str, _Node] = {}
        self.ways: dict[str, tuple[_Check, int, _Node]] = {}
        self.ends: list[tuple[int, BaseRoute, frozenset[str] | None]] = []
        self.tails: list[tuple[int, BaseRoute, frozenset[str] | None]] = []
        self.first = _NOWHERE  # the lowest position at or below: nothing better is to be found here

    def insert(self, position: int, route: BaseRoute, row: Row) -> None:
        node = self
        node.first = min(node.first, position)
        for segment in row.segments[1:]:  # each path begins with "/", so that its first piece is empty
            if segment.tail:
                node.tails.append((position, route, row.methods))
                return
            if segment.text is not None:
                node = node.texts.setdefault(segment.text, _Node())
            else:
                way = node.ways.setdefault(segment.pattern, (segment.check, len(segment.names), _Node()))
                node = way[2]
            node.first = min(node.first, position)
        node.ends.append((position, route, row.methods))


_Step = tuple[_Node, int, tuple[str, ...]]  # where the walk is, how many pieces it has used, the values it has met


def _ways_on(node: _Node, piece: str, depth: int, values: tuple[str, ...]) -> list[_Step]:
    """Where a piece of a path leads that is taken as a parameter."""
    steps: list[_Step] = []
    for check, names, on in node.ways.values():
        if check is None:
            steps.append((on, depth, (*values, piece)))
        elif (match := check(piece)) is not None:
            # A group of its own may stand inside a parameter's: only those with names are values.
            steps.append(
                (on, depth, (*values, *match.groupdict().values()) if names > 1 else (*values, match.group(1)))
            )
    return steps


class RouteIndex:
    """`find` gives the route that answers, in a time that hardly grows with the number of routes."""

    __slots__ = ("_asked", "_exact", "_root")

    def __init__(self, routes: Iterable[Any], kind: str) -> None:
        self._root = _Node()
        self._asked: list[tuple[int, Any]] = []
        fixed: set[str] = set()
        for position, route in enumerate(routes):
            row = None
            if isinstance(route, BaseRoute):
                if not route.fits_type(kind):
                    continue
                row = route.row(kind)
            if row is None:
                self._asked.append((position, route))
                continue
            self._root.insert(position, route, row)
            if all(segment.text is not None for segment in row.segments):
                fixed.add("/".join(segment.text or "" for segment in row.segments))
        self._exact: dict[str, dict[str, Hit]] = {path: self._answers(path) for path in fixed}

    def _answers(self, path: str) -> dict[str, Hit]:
        """The answers to a fixed path by method, as far as they are certain whatever else the scope holds."""
        asked = self._asked[0][0] if self._asked else _NOWHERE
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
        answers = self._exact.get(path)
        if answers is not None:
            hit = answers.get(method)
            if hit is not None:
                return hit
        best = self._best(path, method)
        partials: list[tuple[int, Any, Foreign]] = []
        for position, route in self._asked:
            if best is not None and position > best[0]:
                break
            match, child_scope = route.matches(scope)
            if match is Match.FULL:
                return Foreign(route, child_scope), ()
            if match is Match.PARTIAL:
                partials.append((position, route, Foreign(route, child_scope)))
        return self._refuse(path, partials) if best is None else best[1]

    def _best(self, path: str, method: str) -> tuple[int, Hit] | None:
        """The understood route that fits, with its position."""
        pieces = path.split("/")
        if pieces[0]:
            return None
        count = len(pieces)
        best, found = _NOWHERE, None
        waiting: list[_Step] = [(self._root, 1, ())]
        while waiting:
            node, depth, values = waiting.pop()
            while node.first < best:
                if depth == count:
                    for position, route, methods in node.ends:
                        if position < best and (methods is None or method in methods):
                            best, found = position, (route, values)
                    break
                for position, route, methods in node.tails:
                    if position < best and (methods is None or method in methods):
                        rest = "/".join(pieces[depth:])
                        if "\n" not in rest:  # `.*` in the expression of a tail matches all but that
                            best, found = position, (route, (*values, rest))
                piece = pieces[depth]
                depth += 1
                on = node.texts.get(piece)
                if node.ways and piece:
                    if on is not None:
                        waiting.append((on, depth, values))
                    steps = _ways_on(node, piece, depth, values)
                    if not steps:
                        break
                    node, depth, values = steps.pop()
                    waiting += steps
                elif on is None:
                    break
                else:
                    node = on
        return None if found is None else (best, found)

    def _candidates(self, path: str) -> list[_Candidate]:
        """All understood routes that fit the path, in the order of the list."""
        pieces = path.split("/")
        found: list[_Candidate] = []
        waiting: list[_Step] = [] if pieces[0] else [(self._root, 1, ())]
        while waiting:
            node, depth, values = waiting.pop()
            if depth == len(pieces):
                found += (_Candidate(*end, values) for end in node.ends)
                continue
            rest = "/".join(pieces[depth:])
            if "\n" not in rest:
                found += (_Candidate(*tail, (*values, rest)) for tail in node.tails)
            piece = pieces[depth]
            if piece in node.texts:
                waiting.append((node.texts[piece], depth + 1, values))
            if piece:
                waiting += _ways_on(node, piece, depth + 1, values)
        return sorted(found, key=lambda one: one.position)

    def _refuse(self, path: str, partials: list[tuple[int, Any, Foreign]]) -> Hit | None:
        """What answers where routes fit the path but not the method. `partials` are the asked ones of these."""
        fitting: list[tuple[int, Runner, Sequence[str], Iterable[str]]] = [
            (one.position, one.route, one.values, one.methods or ()) for one in self._candidates(path)
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
        return Refusal(first, {method for one in fitting for method in one[3]}), values

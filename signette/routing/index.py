"""The index of routes: finds the matching route without a call of each route's `matches`.

Theory of operation. The result is always the first route of the list that matches. There are two kinds of routes:

* *Indexed routes* have an `IndexEntry` (segments and methods). They are stored in a tree with a level for each segment.
  A walk down the tree along the segments of a path finds all that match; the lowest position in the list wins.
* *Linear routes* are all others: routes with a custom `matches`, hosts, templates with a parameter that matches slashes
  before the end. Their `matches` is called once, in list order, and only before the best indexed route.

Paths without parameters are looked up in a dictionary, and those whose last segment is the only parameter by the path
before it. Both are filled when the index is built, by one walk for each path. A route that comes after a linear route
is not in them. Routes with other parameters are looked up by their literal segments (`shapes`) once a walk has found
them, if no route before them can match the same paths.

The results of an index do not change. `RouteList` builds another one after a change.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from signette.routing.base import BaseRoute, Handler, IndexEntry
from signette.routing.foreign import ForeignRoute
from signette.routing.matching import Fit, Match, Segment, Shape, shape_of
from signette.routing.responses import method_not_allowed
from signette.types import Receive, Scope, Send

_NO_POSITION = 1 << 60
_ANY_SEGMENT = "\0"  # in place of a segment that equals no literal one


Hit = tuple[Handler, Sequence[str]]


class CustomMatch(Handler):
    """A linear route whose `matches` has matched, and the keys to add to the scope."""

    __slots__ = ("_child_scope", "route")

    def __init__(self, route: Any, child_scope: Scope) -> None:
        self.route = route
        self._child_scope = child_scope

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:  # noqa: ARG002 - the signature of `Handler`
        scope.update(self._child_scope)
        handling: Awaitable[None] = self.route.handle(scope, receive, send)
        return handling

    def accept_post(self) -> str:
        return self.route.accept_post() if isinstance(self.route, BaseRoute) else ""

    def accept_patch(self) -> str:
        return self.route.accept_patch() if isinstance(self.route, BaseRoute) else ""

    def populate_scope(self, scope: Scope, values: Sequence[str]) -> None:  # noqa: ARG002 - the signature of `Handler`
        scope.update(self._child_scope)


class MethodNotAllowed(Handler):
    """Sends a 405, or responds to OPTIONS: routes match the path but not the method. `first` is the first one."""

    __slots__ = ("_first", "_fitting", "methods")

    def __init__(
        self, first: Handler, methods: Iterable[str], fitting: "Sequence[tuple[int, Handler, Any, Any]]"
    ) -> None:
        self._first = first
        self.methods = methods
        self._fitting = fitting

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        self._first.populate_scope(scope, values)
        if scope["method"] != "OPTIONS":
            return method_not_allowed(self.methods, scope, receive, send)
        patches = next((text for _, route, *_ in self._fitting if (text := route.accept_patch())), "")
        posts = next((text for _, route, *_ in self._fitting if (text := route.accept_post())), "")
        return method_not_allowed(self.methods, scope, receive, send, accept_patch=patches, accept_post=posts)

    def populate_scope(self, scope: Scope, values: Sequence[str]) -> None:
        """Do nothing: `run` has populated the scope."""


class _Candidate(NamedTuple):
    """An indexed route that matches a path, and its position in the list. `methods` None means any method."""

    position: int
    route: Handler
    methods: frozenset[str] | None
    values: tuple[str, ...]


_position_of = attrgetter("position")

_Check = Callable[[str], Fit | None] | None


class _Node:
    """A node of the tree. Its children are found by a literal segment, or by a segment with parameters."""

    __slots__ = ("ends", "first", "literals", "parameters", "tails")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameters: list[tuple[str, _Check, bool, _Node]] = []
        self.ends: list[tuple[int, Handler, frozenset[str] | None]] = []  # routes whose last segment leads here
        self.tails: list[tuple[int, Handler, frozenset[str] | None]] = []  # routes that match any rest of the path
        self.first = _NO_POSITION  # the lowest position in this subtree

    def insert(self, position: int, route: Handler, index_entry: IndexEntry) -> None:
        node = self
        node.first = min(node.first, position)
        for segment in index_entry.segments[1:]:  # a path begins with "/", so its first segment is empty
            if segment.tail:
                node.tails.append((position, route, index_entry.methods))
                return
            text = segment.text
            node = node._parameter_node(segment) if text is None else node.literals.setdefault(text, _Node())
            node.first = min(node.first, position)
        node.ends.append((position, route, index_entry.methods))

    def _parameter_node(self, segment: Segment) -> "_Node":
        for pattern, _, _, node in self.parameters:
            if pattern == segment.pattern:
                return node
        node = _Node()
        self.parameters.append((segment.pattern, segment.check, segment.whole, node))
        return node

    def children(self, segment: str | None) -> "Iterator[tuple[_Node, bool]]":
        """The nodes to which a segment leads, or any segment may lead (None), and whether they are literal there."""
        if segment is None:
            yield from ((node, True) for node in self.literals.values())
        elif segment in self.literals:
            yield self.literals[segment], True
        for _, check, _, child in self.parameters:
            if segment is None or (segment and (check is None or check(segment) is not None)):
                yield child, False


_Step = tuple[_Node, int, tuple[str, ...]]  # a node, the number of segments above it, the parameter values so far


_NO_VALUES: tuple[str, ...] = ()
# Templates that so many others may match first are left to the walk, as looking at more takes long.
_MOST_NODES = 50


class RouteIndex:
    """`find` returns the route for a request, in a time that hardly depends on the number of routes.

    `exact` holds the results that path and method alone determine, `last` those of paths whose last segment is the only
    parameter and may have any value: the handlers by method, by the path before that segment. Paths in `exact` are not
    in `last`. `only_walks`: all others are those of `walk`, so that no route reads the scope to match. `handler_of`
    maps an indexed route to its handler.
    """

    __slots__ = ("_entries", "_linear", "_root", "exact", "last", "only_walks", "shapes")

    def __init__(
        self, routes: Iterable[Any], kind: str, handler_of: Callable[[BaseRoute], Handler] = lambda route: route
    ) -> None:
        self._root = _Node()
        self._linear: list[tuple[int, Any]] = []
        self._entries: dict[int, IndexEntry] = {}  # without those that `walk` has looked at
        self.shapes: dict[int, list[Shape[tuple[int, Handler]]]] = {}
        fixed: set[str] = set()
        parents: set[str] = set()
        for position, route in enumerate(routes):
            index_entry = None
            if isinstance(route, BaseRoute):
                if not route.fits_type(kind):
                    continue
                index_entry = route.index_entry(kind)
            else:
                route = ForeignRoute(route)  # noqa: PLW2901 - treated like other routes from here on
            if index_entry is None:
                self._linear.append((position, route))
                continue
            self._root.insert(position, handler_of(route), index_entry)
            self._entries[position] = index_entry
            texts = [segment.text for segment in index_entry.segments]
            if None not in texts:
                fixed.add("/".join(text or "" for text in texts))
            elif None not in texts[:-1]:
                parents.add("/".join(text or "" for text in texts[:-1]))
        self.only_walks = not self._linear
        self.exact: dict[str, dict[str, Hit]] = {path: self._exact_hits(path) for path in fixed}
        # PERF: a walk takes seven times as long.
        self.last = {parent: handlers for parent in parents if parent and (handlers := self._last_handlers(parent))}

    def _exact_hits(self, path: str) -> dict[str, Hit]:
        """The results for a path without parameters by method, as far as no linear route comes first."""
        first_linear = self._linear[0][0] if self._linear else _NO_POSITION
        hits: dict[str, Hit] = {}
        for position, route, methods, values in self._candidates(path):
            if position > first_linear or methods is None:
                break
            for method in methods:
                hits.setdefault(method, (route, values))
        return hits

    def _last_handlers(self, parent: str) -> dict[str, Handler]:
        """The handlers by method for all paths of one more segment, except those in `exact`.

        Empty if one of the candidates depends on what the segment is.
        """
        nodes = [self._root]
        for segment in parent.split("/")[1:]:
            nodes = [child for node in nodes for child, _ in node.children(segment)]
        if any(check is not None for node in nodes for _, check, _, _ in node.parameters):
            return {}
        found: dict[str, Handler] = {}
        for method, (handler, values) in self._exact_hits(f"{parent}/{_ANY_SEGMENT}").items():
            if values == (_ANY_SEGMENT,):
                found[method] = handler
        return found

    def find(self, path: str, method: str, scope: Scope) -> Hit | None:
        """The first route that matches path and method, with its path parameters before conversion.

        If routes match the path but not the method, `MethodNotAllowed`. None if no route matches.
        """
        if (hits := self.exact.get(path)) is not None:
            if (hit := hits.get(method)) is not None:
                return hit
        else:
            parent, _, last = path.rpartition("/")
            if last and (handlers := self.last.get(parent)) is not None and method in handlers:
                return handlers[method], (last,)
        position, hit, fits_path = self.walk(path, method)
        if self._linear:
            linear = self._match_linear(position, scope)
            if isinstance(linear, CustomMatch):
                return linear, ()
            if hit is None and (fits_path or linear):
                return self.wrong_method(path, linear)
        elif hit is None and fits_path:
            return self.wrong_method(path, [])
        return hit

    def fits(self, path: str, scope: Scope) -> bool:
        """Whether a route matches the path with any method. `scope` must have this path."""
        if self.walk(path, "")[2]:  # no shape has this method
            return True
        return any(route.matches(scope)[0] != Match.NONE for _, route in self._linear)

    def _match_linear(self, end: int, scope: Scope) -> "CustomMatch | list[tuple[int, Any, CustomMatch]]":
        """The first linear route before `end` that matches; otherwise those that match everything but the method."""
        partials: list[tuple[int, Any, CustomMatch]] = []
        for position, route in self._linear:
            if position > end:
                break
            match, child_scope = route.matches(scope)
            if match == Match.FULL:
                return CustomMatch(route, child_scope)
            if match == Match.PARTIAL:
                partials.append((position, route, CustomMatch(route, child_scope)))
        return partials

    def walk(self, path: str, method: str) -> tuple[int, Hit | None, bool | None]:  # noqa: C901, PLR0912 - PERF: one frame a request
        """The first indexed route that matches, with its position, and whether any route matches the path.

        None for the latter if the route was found by its shape.
        """
        segments = path.split("/")
        count = len(segments)
        for shape in self.shapes.get(count, ()):
            found = shape.handlers.get(shape.literals(segments))
            if found is not None and method in found and path not in self.exact:
                position, handler = found[method]
                values = shape.parameters(segments)
                if "" not in values:
                    return position, (handler, values), None
        best, hit, fits_path = _NO_POSITION, None, False
        if segments[0]:
            return best, hit, fits_path
        pending: list[_Step] = []
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
                    rest = "/".join(segments[depth:])
                    for position, route, methods in node.tails:
                        fits_path = True
                        if position < best and (methods is None or method in methods):
                            best, hit = position, (route, (*values, rest))
                segment = segments[depth]
                depth += 1
                next_node, next_values = node.literals.get(segment), values
                if node.parameters and segment:
                    for _, check, whole, child in node.parameters:
                        if check is None:
                            child_values = (*values, segment)
                        elif (match := check(segment)) is None:
                            continue
                        else:
                            child_values = (*values, segment) if whole else (*values, *match.groupdict().values())
                        if next_node is None:
                            next_node, next_values = child, child_values
                        else:
                            pending.append((child, depth, child_values))
                if next_node is None:
                    break
                node, values = next_node, next_values
            if not pending:
                if best in self._entries and hit is not None:
                    self._note_shape(best, hit[0], self._entries.pop(best))
                return best, hit, fits_path
            node, depth, values = pending.pop()

    def _note_shape(self, position: int, handler: Handler, entry: IndexEntry) -> None:
        """Let `walk` find a route by its literal segments alone, if no other one can match the same paths first."""
        is_simple = all(each.text is not None or (each.whole and each.check is None) for each in entry.segments)
        has_parameters = any(each.text is None for each in entry.segments)
        if (
            not is_simple
            or not has_parameters
            or entry.methods is None
            or (self._linear and self._linear[0][0] < position)
        ):
            return
        nodes, others = [(self._root, True)], []
        for segment in entry.segments[1:]:
            others += [tail for node, _ in nodes for tail in node.tails]
            nodes = [
                (child, literal and as_literal)
                for node, literal in nodes
                for child, as_literal in node.children(segment.text)
            ]
            if len(nodes) > _MOST_NODES:
                return
        # Paths of literals alone are in `exact`, which comes first.
        others += [end for node, literal in nodes if not literal for end in (*node.ends, *node.tails)]
        others += [tail for node, literal in nodes if literal for tail in node.tails]
        first = [each for each in others if each[0] < position]
        methods = [
            method for method in entry.methods if not any(each[2] is None or method in each[2] for each in first)
        ]
        if not methods:
            return
        places = tuple(place for place, each in enumerate(entry.segments) if each.text is None)
        shape = shape_of(self.shapes, places, len(entry.segments))
        found = shape.handlers.setdefault(shape.literals([each.text or "" for each in entry.segments]), {})
        for method in methods:
            found.setdefault(method, (position, handler))

    def _candidates(self, path: str) -> list[_Candidate]:
        """All indexed routes that match the path, in list order."""
        segments = path.split("/")
        found: list[_Candidate] = []
        pending: list[_Step] = [] if segments[0] else [(self._root, 1, _NO_VALUES)]
        while pending:
            node, depth, values = pending.pop()
            if depth == len(segments):
                found += (_Candidate(*end, values) for end in node.ends)
                continue
            rest = "/".join(segments[depth:]) if node.tails else ""
            found += (_Candidate(*tail, (*values, rest)) for tail in node.tails)
            segment = segments[depth]
            if segment in node.literals:
                pending.append((node.literals[segment], depth + 1, values))
            for _, check, _, child in node.parameters if segment else ():
                if check is None:
                    pending.append((child, depth + 1, (*values, segment)))
                elif (match := check(segment)) is not None:
                    pending.append((child, depth + 1, (*values, *match.groupdict().values())))
        found.sort(key=_position_of)
        return found

    def wrong_method(self, path: str, partials: list[tuple[int, Any, CustomMatch]]) -> Hit | None:
        """The result if routes match the path but not the method. `partials` are the linear routes of these."""
        candidates = self._candidates(path)
        if len(candidates) == 1 and not partials:  # PERF: the usual case
            only = candidates[0]
            return MethodNotAllowed(only.route, only.methods or (), candidates), only.values
        fitting: list[tuple[int, Handler, Sequence[str], Iterable[str]]] = [
            (candidate.position, candidate.route, candidate.values, candidate.methods or ()) for candidate in candidates
        ]
        for position, route, match in partials:
            methods = route.allowed() if isinstance(route, BaseRoute) else None
            if methods is None and (not fitting or position < fitting[0][0]):
                return match, ()  # the first route sends its own 405
            fitting.append((position, match, (), methods or ()))
            fitting.sort(key=itemgetter(0))
        if not fitting:
            return None
        _, first, values, _ = fitting[0]
        return MethodNotAllowed(first, {method for *_, methods in fitting for method in methods}, fitting), values

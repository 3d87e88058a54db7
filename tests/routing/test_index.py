"""The index finds the same route as a scan of the list."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.routing.base import BaseRoute
from signette.routing.index import CustomMatch, MethodNotAllowed, RouteIndex
from signette.routing.matching import Match
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.routing.routelist import RouteList
from signette.routing.websocket import WebSocketRoute
from tests.tracing import traced


async def endpoint(request: Any) -> Any: ...


SEGMENTS = st.sampled_from(
    [
        "a",
        "b",
        "12",
        "",
        "{x}",
        "{x:int}",
        "{x:path}",
        "{x:float}",
        "a-{x}",
        "{x}.b",
        "{x:uuid}",
        "{x:path}.b",
        "12{x:int}",
    ]
)
METHODS = st.sampled_from([None, ["GET"], ["POST"], ["GET", "POST"], ["DELETE"]])
TEXTS = st.sampled_from(
    [
        "a",
        "b",
        "12",
        "",
        "1.5",
        "a-b",
        "a-",
        "a.b",
        "12a",
        "123",
        "x\n",
        "\n",
        "a/b",
        "00000000-0000-0000-0000-000000000000",
        "٣",
    ]
)


class Odd(Route):
    """Matches as its base class does, but overrides `matches`."""

    def matches(self, scope: Any) -> Any:
        return super().matches(scope)


@st.composite
def routes(draw: st.DrawFn) -> BaseRoute:
    segments = draw(st.lists(SEGMENTS, min_size=1, max_size=4))
    # Parameter names are unique.
    path = "/" + "/".join(
        segment.replace("x", f"x{place}") if "{" in segment else segment for place, segment in enumerate(segments)
    )
    kind = draw(st.sampled_from(["route", "route", "route", "odd", "mount", "websocket"]))
    if kind == "mount":
        return Mount(path.replace(":path", ""), routes=[])
    if kind == "websocket":
        return WebSocketRoute(path, endpoint)
    return (Odd if kind == "odd" else Route)(path, endpoint, methods=draw(METHODS))


def scan(table: list[Any], scope: dict[str, Any]) -> tuple[Any, Any]:
    """The first route that matches, and its keys for the scope; otherwise all that match the path, in order."""
    partials = []
    for route in table:
        match, child_scope = route.matches(scope)
        if match is Match.FULL:
            return route, child_scope
        if match is Match.PARTIAL:
            partials.append(route)
    return None, partials


@pytest.mark.parametrize("table", [["/a/b"], ["/a/{x}", "/a/b"], ["/{x}/b", "/a/b"], ["/{x:path}", "/a/b"]])
def test_a_walk_finds_paths_of_literals_too(table: list[str]) -> None:
    odd = Odd("/a/{x}", endpoint, methods=["PUT"])
    index = RouteIndex([odd, *(Route(path, endpoint, methods=["GET"]) for path in table)], "http")
    for _ in range(2):
        hit = index.find("/a/b", "GET", {"type": "http", "path": "/a/b", "method": "GET"})
        assert hit is not None
        assert hit[0].path == table[0]  # type: ignore[attr-defined]


def test_a_route_that_another_one_may_match_first_has_no_shape() -> None:
    first = Route("/{x}/c/b", endpoint, methods=["GET"])
    index = RouteIndex([first, Route("/a/{x}/b", endpoint, methods=["GET"])], "http")
    for path, expected in (("/a/1/b", "/a/{x}/b"), ("/a/c/b", "/{x}/c/b"), ("/a/1/b", "/a/{x}/b")):
        hit = index.find(path, "GET", {"type": "http", "path": path, "method": "GET"})
        assert hit is not None
        assert hit[0].path == expected  # type: ignore[attr-defined]
    assert [shape.handlers.keys() for every in index.shapes.values() for shape in every] == [{("", "c", "b")}]


@given(
    st.lists(routes(), max_size=12),
    st.lists(TEXTS, max_size=4),
    st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT"]),
    st.sampled_from(["http", "websocket"]),
    st.lists(st.lists(TEXTS, min_size=1, max_size=4), max_size=6),
)
def test_the_index_finds_what_a_scan_finds(
    table: list[Any], texts: list[str], method: str, kind: str, earlier: list[list[str]]
) -> None:
    path = "/" + "/".join(texts)
    scope: dict[str, Any] = {"type": kind, "path": path, "method": method}
    expected, detail = scan(table, scope)
    index = RouteIndex(table, kind)
    for each in (*earlier, texts):  # a walk notes the shape of what it finds
        before = {**scope, "path": "/" + "/".join(each)}
        index.find(before["path"], "" if kind == "websocket" else method, before)
    hit = index.find(path, "" if kind == "websocket" else method, scope)
    assert index.fits(path, scope) is (expected is not None or bool(detail))
    found, values = hit or (None, {})
    if isinstance(found, MethodNotAllowed):
        assert expected is None
        assert set(found.methods) == {verb for route in detail for verb in route.methods}
    elif isinstance(found, CustomMatch):
        assert found.route is expected
    else:
        assert found is expected
        assert found is not None or not detail
    if found is expected is not None:
        noted = dict(scope)
        if isinstance(found, Mount):
            noted.update(found._child_scope(scope, values) or {})
        else:
            found.populate_scope(noted, values)
        assert noted["path_params"] == detail["path_params"]
        assert noted["endpoint"] == detail["endpoint"]


class Counting(BaseRoute):
    def __init__(self, match: Match) -> None:
        self.match = match
        self.calls = 0

    def matches(self, scope: Any) -> Any:
        self.calls += 1
        return self.match, {}


def test_a_linear_route_is_matched_once_and_only_before_the_indexed_match() -> None:
    first, second, last = Counting(Match.NONE), Counting(Match.PARTIAL), Counting(Match.FULL)
    wanted = Route("/a", endpoint)
    index = RouteIndex([first, second, wanted, last], "http")
    hit = index.find("/a", "GET", {"type": "http", "path": "/a", "method": "GET"})
    assert hit == (wanted, ())
    assert (first.calls, second.calls, last.calls) == (1, 1, 0)


def test_a_linear_route_before_a_literal_path_wins() -> None:
    greedy = Counting(Match.FULL)
    hit = RouteIndex([greedy, Route("/a", endpoint)], "http").find("/a", "GET", {"type": "http", "path": "/a"})
    assert hit is not None
    assert isinstance(hit[0], CustomMatch)
    assert hit[0].route is greedy


def test_a_linear_route_that_matches_first_sends_its_own_405() -> None:
    picky = Counting(Match.PARTIAL)
    hit = RouteIndex([picky, Route("/a", endpoint)], "http").find(
        "/a", "PUT", {"type": "http", "path": "/a", "method": "PUT"}
    )
    assert hit is not None
    assert isinstance(hit[0], CustomMatch)


def test_an_object_that_is_not_a_base_route_is_matched_too() -> None:
    class Duck:
        def matches(self, scope: Any) -> Any:
            return Match.FULL, {"duck": True}

    hit = RouteIndex([Duck()], "http").find("/", "GET", {"type": "http", "path": "/"})
    assert hit is not None
    assert isinstance(hit[0], CustomMatch)


def test_a_route_with_a_replaced_regular_expression_matches_by_it() -> None:
    import re

    route = Route("/a", endpoint)
    route.path_regex = re.compile("/a", re.IGNORECASE)
    index = RouteIndex([route], "http")
    hit = index.find("/A", "GET", {"type": "http", "path": "/A", "method": "GET"})
    assert hit is not None
    assert isinstance(hit[0], CustomMatch)


def test_a_subclass_that_only_overrides_run_stays_in_the_index() -> None:
    class Typed(Route):
        def run(self, *args: Any) -> Any: ...

    route = Typed("/{x}/b", endpoint)
    assert RouteIndex([route], "http").find("/1/b", "GET", {}) == (route, ("1",))


@pytest.mark.parametrize("path", ["/r7/5/x", "/nope/5/x", "/fixed7"])
def test_the_work_does_not_grow_with_the_number_of_routes(path: str) -> None:

    def work(count: int) -> int:
        table = [Route(f"/r{number}/{{x:int}}/x", endpoint) for number in range(count)]
        table += [Route(f"/fixed{number}", endpoint) for number in range(count)]
        index = RouteIndex(table, "http")
        lines = 0

        def trace(frame: Any, event: str, arg: Any) -> Any:
            nonlocal lines
            lines += 1
            return trace

        traced(lambda: index.find(path, "GET", {"type": "http", "path": path, "method": "GET"}), trace=trace)
        return lines

    assert work(10) == work(500)


def test_every_change_of_the_list_updates_the_index() -> None:
    a, b = Route("/a", endpoint), Route("/b", endpoint, name="b")
    changes: list[tuple[Any, list[Any]]] = [
        (lambda table: table.append(b), [a, a, b]),
        (lambda table: table.extend([b]), [a, a, b]),
        (lambda table: table.insert(0, b), [b, a, a]),
        (lambda table: table.remove(a), [a]),
        (lambda table: table.pop(), [a]),
        (lambda table: table.clear(), []),
        (lambda table: table.sort(key=id), [a, a]),
        (lambda table: table.reverse(), [a, a]),
        (lambda table: table.__setitem__(0, b), [b, a]),
        (lambda table: table.__setitem__(slice(0, 2), [b]), [b]),
        (lambda table: table.__delitem__(0), [a]),
        (lambda table: table.__iadd__([b]), [a, a, b]),
        (lambda table: table.__imul__(2), [a, a, a, a]),
    ]
    for change, after in changes:
        table = RouteList([a, a])
        table.index_http()
        table.path_of("x", {})
        version = table.version
        change(table)
        assert table == after
        assert table.version > version
        assert table.http is None
        assert (table.path_of("b", {}) is not None) is (b in after)


@pytest.mark.parametrize("change", [lambda table, routes: table.extend(routes),
                                    lambda table, routes: table.__setitem__(slice(0, 0), routes)])  # fmt: skip
def test_a_change_that_fails_leaves_the_list_unchanged(change: Any) -> None:
    table = RouteList([a := Route("/a", endpoint)])
    with pytest.raises(TypeError, match="takes routes"):
        change(table, [Route("/b", endpoint), "no route"])
    assert table == [a]


def test_a_list_can_be_extended_by_itself() -> None:
    table = RouteList([a := Route("/a", endpoint)])
    table.extend(table)
    table += table
    assert table == [a] * 4


def test_a_list_of_routes_survives_pickling() -> None:
    import cloudpickle

    table = RouteList([Route("/{x:float}/a-{y}", endpoint)])
    table.index_http()
    again = cloudpickle.loads(cloudpickle.dumps(table))
    assert again == table
    assert isinstance(again, RouteList)
    assert again.index_http().find("/1/a-2", "GET", {}) == (again[0], ("1", "2"))

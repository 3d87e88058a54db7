"""Routes that are never reached: found, and nothing else is."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.requests import Request
from signette.responses.plain import PlainTextResponse
from signette.routing.host import Host
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.routing.router import Router
from signette.routing.unreachable import unreachable_routes
from signette.routing.websocket import WebSocketRoute
from signette.websockets import WebSocket


async def page(request: Request) -> PlainTextResponse:
    return PlainTextResponse("")


async def chat(socket: WebSocket) -> None: ...


def route(said: str) -> Route | WebSocketRoute | Mount | Host:
    """`"GET|POST /a"`, `"WS /a"`, `"MOUNT /a"` or `"HOST a"` as a route."""
    verb, path = said.split(" ")
    if verb == "WS":
        return WebSocketRoute(path, chat)
    if verb == "MOUNT":
        return Mount(path, app=Router())
    if verb == "HOST":
        return Host(path, Router())
    return Route(path, page, methods=verb.split("|"))


def told(*said: str) -> list[tuple[str, list[str]]]:
    """The shadowed ones of these routes, each with those that shadow it, as they were said."""
    routes = [route(each) for each in said]
    names = {id(each): text for each, text in zip(routes, said, strict=True)}
    return [(names[id(one)], [names[id(other)] for other in others]) for one, others in unreachable_routes(routes)]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("GET /a", "GET /a"),
        ("GET /a/{x}", "GET /a/b"),
        ("GET /a/{x}", "GET /a/{y}"),
        ("GET /a/{x}", "GET /a/{n:int}"),
        ("GET /a/{x}", "GET /a/b{n:int}"),
        ("GET /a/{n:int}", "GET /a/7"),
        ("GET /a/{n:int}", "GET /a/{m:int}"),
        ("GET /a/v{x}", "GET /a/v1"),
        ("GET /a/{p:path}", "GET /a/"),
        ("GET /a/{p:path}", "GET /a/{x}/b"),
        ("GET /a/{p:path}", "GET /a/b/{q:path}"),
        ("GET /a/{p:path}", "GET /a/{q:path}/edit"),
        ("GET /{p:path}", "GET /"),
        ("GET /a", "HEAD /a"),
        ("GET|POST /a", "POST /a"),
        ("MOUNT /a", "GET /a/b"),
        ("MOUNT /a", "WS /a/b"),
        ("MOUNT /a", "MOUNT /a/b"),
        ("MOUNT /a", "MOUNT /a"),
        ("MOUNT /{x}", "MOUNT /a"),
        ("WS /a/{x}", "WS /a/b"),
    ],
)
def test_a_route_is_told_of_where_an_earlier_one_takes_all_that_it_could(earlier: str, later: str) -> None:
    assert told(earlier, later) == [(later, [earlier])]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("GET /a", "POST /a"),
        ("GET /a", "GET|POST /a"),
        ("HEAD /a", "GET /a"),
        ("GET /a", "GET /a/"),
        ("GET /a/b", "GET /a/{x}"),
        ("GET /a/{n:int}", "GET /a/{x}"),
        ("GET /a/{n:int}", "GET /a/b"),
        ("GET /a/{x}", "GET /a/"),
        ("GET /a/{x}", "GET /a/{p:path}"),
        ("GET /a/{x}/{p:path}", "GET /a/{p:path}"),
        ("GET /a/{p:path}", "GET /a"),
        ("GET /a/{q:path}/edit", "GET /a/b/edit"),
        ("GET /a/{x}/{q:path}", "GET /a/{q:path}/edit"),
        ("MOUNT /a", "GET /a"),
        ("GET /{p:path}", "MOUNT /a"),
        ("GET /a", "WS /a"),
        ("WS /a", "GET /a"),
        ("HOST a.example", "GET /a"),
        ("GET /{p:path}", "HOST a.example"),
    ],
)
def test_a_route_that_something_is_left_for_is_not(earlier: str, later: str) -> None:
    assert told(earlier, later) == []


def test_methods_may_be_taken_by_several_which_are_all_named() -> None:
    routes = ["GET /a/{x}", "POST /a/{x}", "GET|POST /a/b"]
    assert told(*routes) == [("GET|POST /a/b", ["GET /a/{x}", "POST /a/{x}"])]


def test_the_first_of_those_that_take_it_is_named() -> None:
    assert told("GET /{p:path}", "GET /a/{x}", "GET /a/b") == [
        ("GET /a/{x}", ["GET /{p:path}"]),
        ("GET /a/b", ["GET /{p:path}"]),
    ]


def test_a_route_with_its_own_way_to_match_takes_nothing_and_is_left_alone() -> None:
    class Sometimes(Route):
        def matches(self, scope):  # type: ignore[no-untyped-def]
            return super().matches(scope)

    routes = [Sometimes("/a", page), Route("/a", page), Sometimes("/a", page)]
    assert list(unreachable_routes([*routes, "no route at all"])) == []


PIECES = st.sampled_from(["a", "b", "7", "", "{x}", "{n:int}"])
# What fits a piece and no text of the others; what a tail may hold: nothing, one piece, more pieces than any template.
WITNESS = {"{x}": "zz", "{n:int}": "99"}
TAILS = ("", "zz", "zz/" * 9)


@st.composite
def templates(draw: st.DrawFn) -> tuple[str, str]:
    pieces = draw(st.lists(PIECES, max_size=3))
    named = [piece.replace("x", f"x{at}").replace("n:", f"n{at}:") for at, piece in enumerate(pieces)]
    end = draw(st.sampled_from(["", "/{p:path}"]))
    return draw(st.sampled_from(["GET", "POST", "GET|POST"])), "/" + "/".join(named).rstrip("/") + end


def witnesses(path: str) -> list[str]:
    """Paths that fit the template, and together only those templates that fit all that it fits."""
    for name, text in WITNESS.items():
        for at in range(3):
            path = path.replace(name.replace("x", f"x{at}").replace("n:", f"n{at}:"), text)
    return [path.replace("{p:path}", tail) for tail in TAILS]


@given(st.lists(templates(), min_size=2, max_size=6))
def test_it_is_told_exactly_where_one_earlier_route_for_each_method_fits_all_its_paths(
    said: Sequence[tuple[str, str]],
) -> None:
    routes = [Route(path, page, methods=verbs.split("|")) for verbs, path in said]
    found = {id(one) for one, _ in unreachable_routes(routes)}
    for at, (verbs, path) in enumerate(said):
        paths = witnesses(path)
        assert all(routes[at].path_regex.fullmatch(each) for each in paths)
        takers = [other for other in routes[:at] if all(other.path_regex.fullmatch(each) for each in paths)]
        taken = all(any(verb in (other.methods or ()) for other in takers) for verb in verbs.split("|"))
        assert (id(routes[at]) in found) is taken

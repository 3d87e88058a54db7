"""Unreachable routes are reported, reachable ones are not."""

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


def route(text: str) -> Route | WebSocketRoute | Mount | Host:
    """The route for `"GET|POST /a"`, `"WS /a"`, `"MOUNT /a"` or `"HOST a"`."""
    verb, path = text.split(" ")
    if verb == "WS":
        return WebSocketRoute(path, chat)
    if verb == "MOUNT":
        return Mount(path, app=Router())
    if verb == "HOST":
        return Host(path, Router())
    return Route(path, page, methods=verb.split("|"))


def unreachable(*texts: str) -> list[tuple[str, list[str]]]:
    """The unreachable routes, each with the earlier routes that match its requests."""
    routes = [route(each) for each in texts]
    names = {id(each): text for each, text in zip(routes, texts, strict=True)}
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
def test_a_route_is_unreachable_if_an_earlier_one_matches_all_of_its_paths(earlier: str, later: str) -> None:
    assert unreachable(earlier, later) == [(later, [earlier])]


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
def test_a_route_with_a_path_or_method_left_is_reachable(earlier: str, later: str) -> None:
    assert unreachable(earlier, later) == []


def test_all_earlier_routes_that_together_handle_the_methods_are_reported() -> None:
    routes = ["GET /a/{x}", "POST /a/{x}", "GET|POST /a/b"]
    assert unreachable(*routes) == [("GET|POST /a/b", ["GET /a/{x}", "POST /a/{x}"])]


def test_only_the_first_earlier_route_is_reported() -> None:
    assert unreachable("GET /{p:path}", "GET /a/{x}", "GET /a/b") == [
        ("GET /a/{x}", ["GET /{p:path}"]),
        ("GET /a/b", ["GET /{p:path}"]),
    ]


def test_routes_with_a_custom_matches_are_ignored() -> None:
    class Sometimes(Route):
        def matches(self, scope):  # type: ignore[no-untyped-def]
            return super().matches(scope)

    routes = [Sometimes("/a", page), Route("/a", page), Sometimes("/a", page)]
    assert list(unreachable_routes([*routes, "no route at all"])) == []


SEGMENTS = st.sampled_from(["a", "b", "7", "", "{x}", "{n:int}"])
# Texts that match one kind of parameter and no literal. A tail may be empty, or longer than any template.
WITNESS = {"{x}": "zz", "{n:int}": "99"}
TAILS = ("", "zz", "zz/" * 9)


@st.composite
def templates(draw: st.DrawFn) -> tuple[str, str]:
    segments = draw(st.lists(SEGMENTS, max_size=3))
    named = [segment.replace("x", f"x{at}").replace("n:", f"n{at}:") for at, segment in enumerate(segments)]
    end = draw(st.sampled_from(["", "/{p:path}"]))
    return draw(st.sampled_from(["GET", "POST", "GET|POST"])), "/" + "/".join(named).rstrip("/") + end


def witnesses(path: str) -> list[str]:
    """Paths that match the template. Only a template that covers it matches all of them."""
    for name, text in WITNESS.items():
        for at in range(3):
            path = path.replace(name.replace("x", f"x{at}").replace("n:", f"n{at}:"), text)
    return [path.replace("{p:path}", tail) for tail in TAILS]


@given(st.lists(templates(), min_size=2, max_size=6))
def test_a_route_is_reported_exactly_if_one_earlier_route_for_each_method_matches_all_its_paths(
    texts: Sequence[tuple[str, str]],
) -> None:
    routes = [Route(path, page, methods=verbs.split("|")) for verbs, path in texts]
    found = {id(one) for one, _ in unreachable_routes(routes)}
    for at, (verbs, path) in enumerate(texts):
        paths = witnesses(path)
        assert all(routes[at].path_regex.fullmatch(each) for each in paths)
        earlier = [other for other in routes[:at] if all(other.path_regex.fullmatch(each) for each in paths)]
        is_covered = all(any(verb in (other.methods or ()) for other in earlier) for verb in verbs.split("|"))
        assert (id(routes[at]) in found) is is_covered

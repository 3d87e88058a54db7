"""Reversing names to paths, and path templates."""

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.applications import Application
from signette.routing.base import BaseRoute
from signette.routing.host import Host
from signette.routing.matching import NoMatchFound, compile_path
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.routing.router import Router
from signette.routing.websocket import WebSocketRoute


async def item(request: Any) -> Any: ...


async def other(request: Any) -> Any: ...


APP = Application(
    routes=[
        Route("/items/{id:int}", item),
        Route("/items/{id:int}/{part}", item, name="part"),
        Route("/{a}/{b}", other, name="two"),
        WebSocketRoute("/ws/{room}", other, name="room"),
        Mount("/static", app=item, name="static"),
        Mount(
            "/{tenant}",
            routes=[Route("/{x}", other, name="inner"), Route("/f/{path:path}", other, name="file")],
            name="t",
        ),
        Mount("/bare", routes=[Route("/deep", other, name="deep")]),
        Host("{sub}.example.org", Router([Route("/{y}", other, name="y")]), name="sub"),
    ]
)


@pytest.mark.parametrize(
    ("name", "params", "path"),
    [
        ("item", {"id": 5}, "/items/5"),
        ("part", {"id": 5, "part": "a b?c#d%e"}, "/items/5/a%20b%3Fc%23d%25e"),
        ("two", {"a": "{b}", "b": "x"}, "/{b}/x"),
        ("two", {"a": "\\host", "b": "x"}, "/%5Chost/x"),
        ("static", {"path": "/css//a.css"}, "/static/css//a.css"),
        ("t:inner", {"tenant": "acme", "x": "y"}, "/acme/y"),
        ("t:inner", {"x": "y"}, "/{tenant}/y"),
        ("t:file", {"tenant": "acme", "path": "a/b"}, "/acme/f/a/b"),
        ("deep", {}, "/bare/deep"),
        ("sub:y", {"sub": "www", "y": "z"}, "/z"),
        ("sub", {"sub": "www", "path": "/a b"}, "/a%20b"),
    ],
)
def test_a_name_is_reversed_to_its_path(name: str, params: Any, path: str) -> None:
    assert APP.url_path_for(name, **params) == path


def test_a_reversed_path_has_protocol_and_host() -> None:
    assert APP.url_path_for("room", room="a").protocol == "websocket"
    assert APP.url_path_for("item", id=1).protocol == "http"
    assert APP.url_path_for("sub:y", sub="www", y="z").host == "www.example.org"


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("item", {}),
        ("item", {"id": 1, "x": 2}),
        ("none", {}),
        ("t:none", {}),
        ("static", {}),
        ("static:x", {}),
        ("sub", {"sub": "x"}),
    ],
)
def test_an_unknown_name_or_other_parameters_raise_no_match_found(name: str, params: Any) -> None:
    with pytest.raises(NoMatchFound) as caught:
        APP.url_path_for(name, **params)
    assert str(caught.value) == f'No route exists for name "{name}" and params "{", ".join(params)}".'


def test_the_first_route_with_the_name_and_the_parameters_is_reversed() -> None:
    router = Router([Route("/a", item, name="n"), Route("/{x}", item, name="n"), Route("/b", item, name="n")])
    assert router.url_path_for("n") == "/a"
    assert router.url_path_for("n", x="1") == "/1"


def test_a_route_that_overrides_url_path_for_is_reversed_in_list_order() -> None:
    class Own(Route):
        def url_path_for(self, name: str, /, **path_params: Any) -> Any:
            if name != "own":
                raise NoMatchFound(name, path_params)
            return "/by-itself"

    class Foreign(BaseRoute):
        def url_path_for(self, name: str, /, **path_params: Any) -> Any:
            if name != "foreign":
                raise NoMatchFound(name, path_params)
            return "/foreign"

    router = Router([Own("/x", item), Foreign(), Route("/y", item, name="own"), Route("/z", item, name="z")])
    assert router.url_path_for("own") == "/by-itself"
    assert router.url_path_for("foreign") == "/foreign"
    assert router.url_path_for("z") == "/z"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1))
def test_a_reversed_value_is_percent_encoded(value: str) -> None:
    path = str(APP.url_path_for("two", a="x", b=value))
    assert unquote(path) == f"/x/{value}"
    assert all(mark not in path for mark in "?#\\ \n\r\t")


@given(st.text(alphabet="/\\a.:@?#", min_size=1))
def test_no_value_changes_the_host_of_a_reversed_path(value: str) -> None:
    for path in (
        Router([Route("/{p:path}", item)]).url_path_for("item", p=value),
        Router([Mount("", routes=[Route("/{p:path}", item)])]).url_path_for("item", p=value),
        Router([Mount("", app=item, name="m")]).url_path_for("m", path=value),
    ):
        assert not path.startswith(("//", "/\\"))


def test_compile_path_returns_expression_format_and_convertors() -> None:
    regex, form, convertors = compile_path("/a.b/{x:float}/{y:path}")
    assert regex.pattern.startswith(r"^/a\.b/(?P<x>")
    assert form == "/a.b/{x}/{y}"
    assert list(convertors) == ["x", "y"]


def test_a_template_with_a_duplicate_parameter_is_rejected() -> None:
    with pytest.raises(ValueError, match=r"Duplicated param name a at path /\{a\}/\{a\}"):
        compile_path("/{a}/{a}")
    with pytest.raises(ValueError, match="Duplicated param names a, b at path"):
        compile_path("/{b}/{b}/{a}/{a}")


def test_an_unknown_convertor_is_rejected() -> None:
    with pytest.raises(AssertionError, match="Unknown path convertor 'foo'"):
        compile_path("/{a:foo}")

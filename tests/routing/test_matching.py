"""Templates: their expressions are compiled at the first use, and their parameters are read once."""

import pickle
import re
from typing import Any

import pytest

from signette.convertors import CONVERTOR_TYPES, Convertor
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.routing.matching import Match, read_host, read_template
from signette.routing.route import Route


async def endpoint(request: Request) -> Response:
    return PlainTextResponse("ok")


class Broken(Convertor[str]):
    regex = "["

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


def scope_of(path: str) -> dict[str, Any]:
    return {"type": "http", "method": "GET", "path": path, "headers": []}


def test_the_expression_of_a_template_is_compiled_once() -> None:
    template = read_template("/items/{n:int}")
    assert template._regex is None
    assert template.regex is template.regex
    assert template.regex.pattern == "^/items/(?P<n>[0-9]{1,4300})$"


def test_the_expression_of_a_host_ignores_case() -> None:
    assert read_host("{name}.EXAMPLE.org").regex.flags & re.IGNORECASE


def test_an_invalid_expression_of_a_convertor_is_an_error_where_the_route_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(CONVERTOR_TYPES, "broken", Broken())
    with pytest.raises(re.error):
        Route("/items/{n:broken}", endpoint)


def test_an_expression_that_is_set_is_used_in_place_of_the_template() -> None:
    route = Route("/items/{n}", endpoint)
    assert route.index_entry("http") is not None
    route.path_regex = re.compile("^/items/(?P<n>[a-c]+)$")
    assert route.index_entry("http") is None
    assert route.matches(scope_of("/items/abc"))[0] == Match.FULL
    assert route.matches(scope_of("/items/abd"))[0] == Match.NONE


def test_a_moved_route_has_the_expression_of_its_new_path() -> None:
    route = Route("/items/{n}", endpoint)
    assert route.path_regex.pattern == "^/items/(?P<n>[^/]+)$"
    assert route.moved("/v1").path_regex.pattern == "^/v1/items/(?P<n>[^/]+)$"


@pytest.mark.parametrize("used", [False, True])
def test_a_template_can_be_pickled_before_and_after_its_first_use(used: bool) -> None:
    template = read_template("/a/{x}/{y}/{z}")
    if used:
        assert template.fullmatch("/a/1/2/3") is not None
    copied = pickle.loads(pickle.dumps(template))
    found = copied.fullmatch("/a/1/2/3")
    assert found is not None
    assert found.groupdict() == {"x": "1", "y": "2", "z": "3"}

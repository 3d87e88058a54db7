"""Templates with several parameters: equivalent to the regular expression, in linear time."""

import pickle
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.convertors import CONVERTOR_TYPES, StringConvertor
from signette.responses import PlainTextResponse
from signette.routing import Mount, Route, Router
from signette.routing.matching import read_host, read_path
from signette.routing.scanner import Found, Scanner, read_items
from tests.asgi import call
from tests.test_promises_growth import work_of


class Own(StringConvertor):
    """A custom convertor."""

    def __init__(self, expression: str) -> None:
        self.regex = expression  # type: ignore[misc]  # one for each instance


OWN = {
    "slug": "[a-z0-9-]+",
    "day": "[0-9]{4}-[0-9]{2}",
    "signed": r"-?\d+",
    "some": "[a/]{1,3}",
    "any": ".*",
    "part": r"x(?:\.[0-9]+)?",
    "bracket": r"[^]\]a]*",
    "code": "[A-Z]{1,32}",
    "words": "[a-z0-9]+(?:-[a-z0-9]+)*",
    "rows": "(?:[a0]/)+",
    "loose": "(?:x*[0/]?a)*-?",
}
SCANNED = [
    "/{a:path}/{b:path}/end",
    "/{a:path}/x/{b:path}/{n:int}",
    "/{a:path}-{b:path}.json",
    "/{a}-{b}",
    "/{a}{b}",
    "/{a}{b:path}{c}",
    "/{a}-{b}-{c}.json",
    "/{a:path}-{b}.json",
    "/{a}-{b:path}-{c}x",
    "/{a:path}/{b:path}/{c:path}/z",
    "/{a}.{b}-{c}",
    "/{a}-{n:int}-{b}",
    "/{a}.{b}.{c}/{d}.{e}",
    "/{a}]{b}^{c}",
    "/{a:path}@{b}/{c}",
    "/{a}_{b:path}",
    "/{a:path}{b:int}",
    "/{a:int}{b:int}{c:int}",
    "/{a:float}{b:float}",
    "/{a:float}-{b:float}/{c:uuid}.{d}",
    "/{a:path}{b:uuid}{c:path}",
    "/{a}aa{b}aa{c:path}",
    "/{a:slug}-{b:slug}",
    "/{a:path}{b:day}{c:path}",
    "/{a:signed}{b:signed}",
    "/{a:path}{b:some}{c:path}",
    "/{a:any}/{b:any}",
    "/{a}{b:part}{c}",
    "/{a:bracket}{b:bracket}",
    "/{a:code}{b:code}",
    "/{a:words}-{b:words}",
    "/{a:words}{b:words}",
    "/{a:path}{b:words}/{c:path}",
    "/{a:path}/x/{b:path}/{c:words}",
    "/{a:rows}{b:rows}",
    "/{a:path}{b:rows}{c:rows}x{d}",
    "/{a:loose}{b:loose}{c:path}",
    "/{a}{b:loose}",
]
PARTS = [
    "/", "a", "aa", "x", "z", "/x/", "/end", "1", "0", "00", "-", "--", ".", ".json", "]", "^", "\n", "@", "_", "é",
    "12345678-1234-1234-1234-123456789abc", "0" * 32, "2026-01", "x.1",
]  # fmt: skip


@pytest.fixture(autouse=True)
def own_convertors(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, expression in OWN.items():
        monkeypatch.setitem(CONVERTOR_TYPES, name, Own(expression))


def is_scanned(fullmatch: Callable[[str], Any]) -> bool:
    return isinstance(getattr(fullmatch, "__self__", None), Scanner)


@pytest.mark.parametrize("template", SCANNED)
@given(parts=st.lists(st.sampled_from(PARTS), max_size=12))
def test_a_template_matches_what_its_regular_expression_matches(template: str, parts: list[str]) -> None:
    for name, expression in OWN.items():  # the fixture is set up once for all examples
        CONVERTOR_TYPES[name] = Own(expression)
    read = read_path(template)
    assert is_scanned(read.fullmatch)
    path = "/" + "".join(parts)
    expected = re.fullmatch(read.regex, path)
    for match in (read.fullmatch, read.fullmatch.__self__.scan):
        found = match(path)
        assert (found and found.groupdict()) == (expected and expected.groupdict())
        assert found is None or all(found[name] == value for name, value in found.groupdict().items())


@pytest.mark.parametrize(
    ("template", "digits"),
    [("/{a:int}{b:int}", 4299), ("/{a:int}{b:int}", 8600), ("/{a:int}{b:int}", 8601), ("/{a:float}{b:float}", 500)],
)
def test_the_limits_of_numbers_hold(template: str, digits: int) -> None:
    read = read_path(template)
    path = "/" + "1" * digits
    found, expected = read.fullmatch.__self__.scan(path), re.fullmatch(read.regex, path)
    assert (found and found.groupdict()) == (expected and expected.groupdict())


@pytest.mark.parametrize(
    "template", ["/{a}", "/{a:path}", "/x/{a:path}/y", "/{a:path}/{b:uuid}", "/{a}.json", "/{a:float}"]
)
def test_one_parameter_of_any_length_is_left_to_the_regular_expression(template: str) -> None:
    assert not is_scanned(read_path(template).fullmatch)


@pytest.mark.parametrize(
    "expression",
    [
        "(?:[a-z]+-?){2}",
        "(?:a*)*",
        "(?:a?b?)+",
        "(?:(?:a)+b)+",
        "(?:a)+?",
        "(?:a)*+",
        "(?:a|b)*",
        "a|b",
        "a+?",
        "a++",
        r"\bx",
        "(?=x).",
        "^a",
        "a$",
        "(?:a(?:b)?)?",
        "(?:a",
        "a{2}?",
    ],
)
def test_an_expression_with_more_than_classes_in_a_row_is_left_to_re(expression: str) -> None:
    assert read_items(expression) is None


def test_a_text_with_few_possible_divisions_is_left_to_the_regular_expression() -> None:
    fullmatch = read_path("/{owner}/{name}.{ending}").fullmatch
    assert isinstance(fullmatch("/me/picture.png"), re.Match)
    assert isinstance(fullmatch("/me/" + "a." * 100), Found)
    assert fullmatch("/" + "a" * 10_000) is None


def test_a_template_survives_pickling() -> None:
    fullmatch = pickle.loads(pickle.dumps(read_path("/{a}-{b:path}"))).fullmatch
    assert fullmatch("/x-y/z").groupdict() == {"a": "x", "b": "y/z"}


def test_a_host_is_matched_in_any_letter_case() -> None:
    read = read_host("{a}-{b}X{c}.Example.org:8000")
    assert is_scanned(read.fullmatch)
    found = read.fullmatch("1-2x3.example.org")
    assert found is not None
    assert found.groupdict() == {"a": "1", "b": "2", "c": "3"}


async def nothing(request: Any) -> PlainTextResponse:
    return PlainTextResponse("found")


@pytest.mark.parametrize("path", ["/a\n", "/\n", "/x\ny/z"])
async def test_a_line_end_does_not_bypass_a_path_parameter(path: str) -> None:
    for template in ("/{rest:path}", "/{a:path}{b:path}"):
        assert (await call(Router([Route(template, nothing)]), path)).status == 200
        assert (await call(Route(template, nothing), path)).status == 200
    assert (await call(Router([Mount("/", Route("/{rest:path}", nothing))]), path)).status == 200


# Repeated texts that almost match each template.
NEAR = {
    "/{owner}/{repo}/blob/{ref:path}/{file:path}": "/blob/a",
    "/{project:path}/blob/{ref:path}/raw/{file:path}": "/blob/a",
    "/{a:path}/x/{b:path}/y/{c:path}": "/x/",
    "/{scope:path}@{version}/{file}": "@",
    "/{name}_{rest:path}": "_",
    "/{name}-{version}.{ending}": "a-",
    "/{a}aa{b}aa{c}": "a",
    "/{a}{b}{c}": "a",
    "/{a:path}{b:path}!": "a",
    "/{a:path}{b:int}": "1",
    "/{a:int}{b:int}{c:int}": "1",
    "/{a:float}{b:float}": "1",
    "/{a:float}.{b:float}.{c:float}": "1.",
    "/{a:uuid}{b:path}{c:uuid}{d:path}": "0",
    "/{a:slug}-{b:slug}-{c:slug}": "a-",
    "/{a:signed}{b:signed}x": "1",
    "/{a:code}{b:code}{c:code}{d:code}{e:path}": "A",
    "/{a:words}-{b:words}!": "a-",
    "/{a:path}/x/{b:path}/{c:words}": "/x",
    "/{a:rows}{b:rows}!": "a/",
}


@pytest.mark.parametrize("ending", ["", "!", "\n", "/"], ids=["open", "shut", "line", "slash"])
@pytest.mark.parametrize("template", NEAR)
def test_twice_the_path_is_twice_the_steps(template: str, ending: str) -> None:
    read = read_path(template)
    assert is_scanned(read.fullmatch)
    unit = NEAR[template]
    texts = ["/" + unit * n + ending for n in (400, 800)]
    assert not any(isinstance(read.fullmatch(text), re.Match) for text in texts)
    small, large = (work_of(lambda text=text: read.fullmatch(text)) for text in texts)
    assert large < 2.2 * small + 100, (small, large)

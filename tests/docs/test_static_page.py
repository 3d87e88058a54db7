"""The page on static files, templates and endpoint classes has tables of arguments, defaults, hooks and methods."""

from inspect import Parameter, signature
from itertools import product

import pytest

from signette.endpoints import _VERBS, WebSocketEndpoint
from signette.staticfiles import StaticFiles
from signette.templating import _EDITOR_SUFFIXES, _MARKUP, Jinja2Templates, escapes
from tests.docs.tables import names_in, table_of

PAGE = "reference/static-and-templates"


@pytest.mark.parametrize("cls", [StaticFiles, Jinja2Templates])
def test_each_argument_is_in_the_table_with_its_default(cls: type) -> None:
    documented = {row[0].strip("`"): row[1].strip("`") for row in table_of(PAGE, f"arguments of {cls.__name__}")}
    assert documented == {name: repr(one.default) for name, one in signature(cls).parameters.items()}


def test_each_hook_is_listed_with_its_arguments() -> None:
    rows = table_of(PAGE, "hooks of StaticFiles")
    assert len(rows) == 5
    for name, arguments in (row[0].strip("`").removesuffix(")").split("(") for row in rows):
        own = list(signature(getattr(StaticFiles, name)).parameters.values())[1:]
        assert arguments == ", ".join(
            one.name if one.default is Parameter.empty else f"{one.name}={one.default}" for one in own
        )


def test_the_methods_of_endpoint_classes_are_in_their_order() -> None:
    http, *websocket = table_of(PAGE, "methods of endpoint classes")
    assert http == ["`HTTPEndpoint`", ", ".join(f"`{method}`" for method in _VERBS.values()), "`request`"]
    for name, method, arguments in websocket:
        assert name == "`WebSocketEndpoint`"
        own = signature(getattr(WebSocketEndpoint, method.strip("`"))).parameters
        assert names_in(arguments) == [one for one in own if one != "self"]
    assert {row[1].strip("`") for row in websocket} == {name for name in vars(WebSocketEndpoint) if name[:3] == "on_"}


def endings_in(cell: str) -> tuple[str, ...]:
    return tuple(part.strip("`,") for part in cell.split() if part.startswith("`"))


def test_the_templates_whose_values_are_escaped_are_those_of_the_table() -> None:
    documented = [(endings_in(name), values) for name, values in table_of(PAGE, "escaped templates")]
    assert [values for _, values in documented] == ["escaped", "escaped", "escaped", "not escaped"]
    markup, editors, plain, others = (names for names, _ in documented)
    assert (markup, editors) == (_MARKUP, _EDITOR_SUFFIXES)
    assert all(escapes(f"page{ending}") for ending in markup)
    assert all(escapes(f"page{ending}{editor}") for ending, editor in product(markup, editors))
    assert (plain, [escapes(name) for name in plain]) == (("page",), [True])
    assert [escapes(name) for name in others] == [False, False]

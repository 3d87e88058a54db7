"""The markers that checkers see take what the classes take, which people get when their program runs."""

import ast
import inspect
from pathlib import Path
from typing import get_type_hints

import pytest

from signette import params
from signette.declarative.signature import depends, markers
from signette.declarative.signature import marker_functions as marking

OPTIONS = {
    "Path": marking.ParameterOptions,
    "Query": marking.ParameterOptions,
    "Header": marking.HeaderOptions,
    "Cookie": marking.ParameterOptions,
    "Body": marking.BodyOptions,
    "Form": marking.FormOptions,
    "File": marking.FileOptions,
}


def arguments_of(cls: type) -> set[str]:
    """The names of arguments that a class takes, with those that it hands on."""
    named = {
        name
        for each in cls.__mro__
        if "__init__" in vars(each) and issubclass(each, markers.Marker)
        for name, parameter in inspect.signature(each.__init__).parameters.items()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    }
    return named - {"self", "default"}


def test_each_marker_is_there() -> None:
    assert sorted([*OPTIONS, "Depends", "Security"]) == sorted(marking.__all__)


def functions_for_checkers() -> dict[str, ast.FunctionDef]:
    source = Path(marking.__file__).read_text("utf-8")
    return {node.name: node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("name", ["Depends", "Security"])
def test_checkers_see_the_arguments_of_a_dependency(name: str) -> None:
    function, cls = functions_for_checkers()[name].args, getattr(depends, name)
    assert getattr(marking, name) is cls
    shown = [*((each.arg, ast.unparse(each.annotation or each)) for each in (*function.args, *function.kwonlyargs))]
    taken = inspect.signature(cls).parameters.values()
    assert [name for name, _ in shown] == [each.name for each in taken]
    assert len(function.args) == sum(each.kind is each.POSITIONAL_OR_KEYWORD for each in taken)
    defaults = [ast.literal_eval(each) for each in (*function.defaults, *function.kw_defaults) if each is not None]
    assert defaults == [each.default for each in taken]


def test_the_module_of_classes_has_the_classes() -> None:
    assert {name: getattr(params, name) for name in params.__all__} == {
        name: getattr(marking, name) for name in marking.__all__
    }


@pytest.mark.parametrize("name", OPTIONS)
def test_checkers_and_programs_see_the_same_arguments(name: str) -> None:
    assert getattr(marking, name) is getattr(markers, name)
    assert set(get_type_hints(OPTIONS[name])) == arguments_of(getattr(markers, name))

"""The markers that checkers see take what the classes take, which people get when their program runs."""

import inspect
from typing import get_type_hints

import pytest

from signette.declarative.signature import marker_functions as marking
from signette.declarative.signature import markers

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
    assert sorted(OPTIONS) == sorted(marking.__all__)


@pytest.mark.parametrize("name", OPTIONS)
def test_checkers_and_programs_see_the_same_arguments(name: str) -> None:
    assert getattr(marking, name) is getattr(markers, name)
    assert set(get_type_hints(OPTIONS[name])) == arguments_of(getattr(markers, name))

"""The exact message of each start-up error: `signature_errors/` has an invalid signature and a text for each."""

import importlib
import inspect
import pickle
import pkgutil
from pathlib import Path

import pytest

from signette.app import App
from signette.declarative import errors
from signette.declarative.errors.base import SignatureError, UnresolvedForwardRef
from tests.declarative.kept_text import assert_kept

HERE = Path(__file__).parent / "signature_errors"
MODULES = [importlib.import_module(f"{errors.__name__}.{each.name}") for each in pkgutil.iter_modules(errors.__path__)]
ERRORS = [
    name
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and inspect.signature(function).return_annotation is SignatureError
]
every_error = pytest.mark.parametrize("name", ERRORS)


def error_of(name: str) -> SignatureError:
    """The error of the example with this name, when its route is made or its application starts."""
    module = importlib.import_module(f"tests.declarative.signature_errors.{name}")
    app = App(openapi_url=None)

    def start() -> None:
        module.declare(app)
        app.build_middleware_stack()

    with pytest.raises(SignatureError) as raised:
        start()
    return raised.value


@every_error
def test_the_message_equals_the_text_file(name: str) -> None:
    assert_kept(HERE / f"{name}.txt", f"{error_of(name)}\n")


@every_error
def test_the_message_has_a_location_a_problem_and_a_hint(name: str) -> None:
    location, problem, hint = str(error_of(name)).splitlines()
    assert location.startswith(f"tests.declarative.signature_errors.{name}.")
    assert f"(signature_errors/{name}.py:" in location
    assert problem.startswith("  problem: ")
    assert hint.startswith("  hint: ")


@every_error
def test_an_error_can_be_pickled(name: str) -> None:
    error = error_of(name)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))


def test_each_error_has_an_example_and_each_example_an_error() -> None:
    assert {file.stem for file in HERE.glob("*.*")} == set(ERRORS)


def test_a_forward_reference_may_be_undefined_until_the_application_starts() -> None:
    app = App()
    module = importlib.import_module("tests.declarative.signature_errors.unresolved_forward_ref")
    module.declare(app)
    with pytest.raises(UnresolvedForwardRef):
        app.routes[-1].plan  # noqa: B018 - asking is the test

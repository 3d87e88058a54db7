"""Each mistake in a signature beside the exact message of its refusal: `mistakes/`, a function and a text for each."""

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

HERE = Path(__file__).parent / "mistakes"
MODULES = [importlib.import_module(f"{errors.__name__}.{each.name}") for each in pkgutil.iter_modules(errors.__path__)]
MISTAKES = [
    name
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and inspect.signature(function).return_annotation is SignatureError
]
EACH = pytest.mark.parametrize("name", MISTAKES)


def rejection_handler(name: str) -> SignatureError:
    """The error that the mistake of this name ends in, when the route is made or when the application starts."""
    module = importlib.import_module(f"tests.declarative.mistakes.{name}")
    app = App(openapi_url=None)

    def start() -> None:
        module.declare(app)
        app.build_middleware_stack()

    with pytest.raises(SignatureError) as raised:
        start()
    return raised.value


@EACH
def test_the_message_is_the_one_beside_it(name: str) -> None:
    assert_kept(HERE / f"{name}.txt", f"{rejection_handler(name)}\n")


@EACH
def test_the_message_has_a_location_a_problem_and_a_hint(name: str) -> None:
    location, problem, hint = str(rejection_handler(name)).splitlines()
    assert location.startswith(f"tests.declarative.mistakes.{name}.")
    assert f"(mistakes/{name}.py:" in location
    assert problem.startswith("  problem: ")
    assert hint.startswith("  hint: ")


@EACH
def test_a_refusal_survives_pickling(name: str) -> None:
    error = rejection_handler(name)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))


def test_each_mistake_is_one_that_is_refused() -> None:
    assert {file.stem for file in HERE.glob("*.*")} == set(MISTAKES)


def test_a_name_that_comes_later_is_no_mistake_before_the_application_starts() -> None:
    app = App()
    module = importlib.import_module("tests.declarative.mistakes.unresolved_forward_ref")
    module.declare(app)  # waits
    with pytest.raises(UnresolvedForwardRef):
        app.routes[-1].plan  # noqa: B018 - asking is the test

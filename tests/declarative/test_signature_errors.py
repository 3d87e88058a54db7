"""The exact message of each start-up error, and a program without it.

`signature_errors/` has an invalid signature and a text for each error, `signature_errors/corrected/` the signature that
its author meant. The reference page on errors in signatures is made from all three.
"""

import importlib
import pickle

import pytest

from signette.app import App
from signette.declarative import errors
from signette.declarative.errors.base import SignatureError, UnresolvedForwardRef
from tests.declarative.kept_text import assert_kept
from tests.declarative.signature_errors_page import HERE, MODULES, SECTIONS, errors_of, page, program, start
from tests.docs.pages import ROOT

ERRORS = [name for module in MODULES for name in errors_of(module)]
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


def test_each_error_has_a_corrected_program_and_each_corrected_program_an_error() -> None:
    files = {file.name for file in (HERE / "corrected").iterdir() if file.name != "__pycache__"}
    assert files == {f"{name}.py" for name in ERRORS}


@every_error
def test_a_corrected_program_starts(name: str) -> None:
    app = App()
    importlib.import_module(f"tests.declarative.signature_errors.corrected.{name}").declare(app)
    app.build_middleware_stack()
    app.openapi()


@every_error
def test_a_corrected_program_starts_as_the_page_has_it(name: str) -> None:
    start(program(HERE / "corrected" / f"{name}.py"))


@every_error
def test_a_corrected_program_differs_from_the_invalid_one(name: str) -> None:
    assert program(HERE / "corrected" / f"{name}.py") != program(HERE / f"{name}.py")


def test_the_reference_page_has_the_errors_of_each_module() -> None:
    listed = [f"{errors.__name__}.{name}" for names in SECTIONS.values() for name in names]
    assert sorted(listed) == sorted(module.__name__ for module in MODULES if errors_of(module))


def test_the_reference_page_is_made_from_the_examples() -> None:
    assert_kept(ROOT / "docs/reference/signature-errors.md", page())


def test_a_forward_reference_may_be_undefined_until_the_application_starts() -> None:
    app = App()
    module = importlib.import_module("tests.declarative.signature_errors.unresolved_forward_ref")
    module.declare(app)
    with pytest.raises(UnresolvedForwardRef):
        app.routes[-1].plan  # noqa: B018 - asking is the test

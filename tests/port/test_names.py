"""The table of names: each target is there, and the pages' tables say the same."""

from importlib import import_module
from importlib.util import find_spec

import pytest

from signette.port.names import HOMES, MODULES, RENAMED, counterpart, is_module
from tests.differential.names import MODULES as TOOLKIT
from tests.examples.topics.imports import MOVES, Move


def exists(dotted: str) -> bool:
    module, _, name = dotted.rpartition(".")
    try:
        return bool(module) and hasattr(import_module(module), name)
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("there", RENAMED)
def test_a_renamed_class_is_on_both_sides(there: str) -> None:
    assert exists(there)
    assert exists(RENAMED[there])


@pytest.mark.parametrize("there", MODULES)
def test_a_renamed_module_is_on_both_sides(there: str) -> None:
    assert import_module(there)
    assert import_module(MODULES[there])


def test_the_tables_have_no_name_that_would_be_found_without_them() -> None:
    assert [there for there in RENAMED if exists(_alike(there))] == []
    assert [there for there in MODULES if "." in there and find_spec(_alike(there)) is not None] == []


def _alike(there: str) -> str:
    return f"signette.{there.partition('.')[2]}"


@pytest.mark.parametrize("home", HOMES)
def test_a_home_is_a_module(home: str) -> None:
    assert import_module(home)


@pytest.mark.parametrize("move", MOVES, ids=lambda move: f"{move.there}: {move.names[0]}")
def test_the_page_has_the_same_imports(move: Move) -> None:
    for name in move.names:
        there = f"{move.there}.{name}"
        here = counterpart(there)
        assert here is not None, there
        assert here.rpartition(".")[0] == move.here
        assert exists(here) or is_module(there)


@pytest.mark.filterwarnings("ignore:starlette.middleware.wsgi is deprecated")
@pytest.mark.parametrize("module", TOOLKIT)
def test_every_public_class_of_starlette_has_a_counterpart(module: str) -> None:
    source = import_module(f"starlette.{module}")
    own = {
        name
        for name, value in vars(source).items()
        if isinstance(value, type) and not name.startswith("_") and value.__module__ == source.__name__
    }
    assert {name for name in own if counterpart(f"starlette.{module}.{name}") is None} <= WITHOUT.get(module, set())


# Classes that Starlette's documentation does not name.
WITHOUT = {
    "formparsers": {"MultipartPart"},
    "middleware.gzip": {"GZipResponder", "IdentityResponder"},
    "middleware.sessions": {"Session"},
    "middleware.body_limit": {"RequestBodyLimitResponder"},
    "responses": {"MalformedRangeHeader", "RangeNotSatisfiable"},
    "config": {"undefined"},
}


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ("fastapi.status.HTTP_422_UNPROCESSABLE_ENTITY", "signette.status.HTTP_422_UNPROCESSABLE_ENTITY"),
        ("fastapi.__version__", "signette.__version__"),
        ("starlette.templating._TemplateResponse", "signette.templating._TemplateResponse"),
        ("starlette.requests.Headers", "signette.datastructures.Headers"),
        ("starlette.types.ASGIApp", "signette.types.ASGIApp"),
        ("fastapi.param_functions.Query", "signette.Query"),
        ("fastapi.applications.FastAPI", "signette.App"),
        ("fastapi", "signette"),
        ("fastapi.middleware.cors", "signette.middleware.cors"),
        ("fastapi.cli.main", None),
        ("fastapi.cli", None),
        ("fastapi._compat", None),
        ("starlette.responses.json", None),
        ("starlette.responses._private", None),
        ("fastapi.nothing", None),
    ],
)
def test_a_name_has_its_counterpart(there: str, here: str | None) -> None:
    assert counterpart(there) == here

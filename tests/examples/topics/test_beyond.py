"""Each sentence of what no response shows is proven; what is called missing is there on the one side alone."""

import warnings
from importlib import import_module
from typing import Any

import fastapi
import pytest

import signette
from tests.examples.topics.beyond import MISSING, Beyond, Missing
from tests.examples.topics.every_row import ROWS
from tests.examples.topics.first import FIRST
from tests.examples.topics.imports import RENAMED
from tests.first_rows import First


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.prove.__name__)
def test_a_row_is_so(row: Beyond) -> None:
    row.prove()


@pytest.mark.parametrize("missing", MISSING, ids=lambda missing: missing.said)
def test_what_is_missing_is_there_alone(missing: Missing) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of it is deprecated there
        evaluated(missing.said, fastapi, "fastapi", {name: name for name in RENAMED})
    with pytest.raises((AttributeError, TypeError, ImportError)):
        evaluated(missing.said, signette, "signette", RENAMED)


def evaluated(declared: str, module: Any, package: str, names: dict[str, str]) -> object:
    """The value of an expression with the names of one side."""
    known: dict[str, object] = {name: getattr(module, ours) for name, ours in names.items()}
    known["import_"] = lambda path: import_module(path.replace("fastapi", package))
    return eval(declared, known)


@pytest.mark.parametrize("row", FIRST, ids=lambda row: row.prove.__name__)
def test_what_is_noticed_first_can_be_kept(row: First) -> None:
    row.prove()

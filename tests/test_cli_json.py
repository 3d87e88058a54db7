"""`signette explain --json`: plans for programs, as `schemas/plan.schema.json` has them."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from examples.airports import app
from signette import cli
from signette.declarative.inspection.explain import route_of
from signette.declarative.inspection.option_origins import option_origins
from signette.declarative.inspection.plan_json import describe_plan

pytestmark = pytest.mark.thorough

SCHEMA = json.loads((Path(__file__).parents[1] / "schemas" / "plan.schema.json").read_text("utf-8"))
PUT = "PUT /airports/{code}"


@pytest.fixture(autouse=True)
def from_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command in the project's folder, which it may note for other processes."""
    monkeypatch.chdir(Path(__file__).parents[1])
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setenv("PYTHONPATH", "")


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert cli.main(["explain", "examples.airports:app", *arguments]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    return json.loads(told.out)


def described(route: Any) -> Any:
    return describe_plan(route.plan, option_origins(route.options))


@pytest.mark.parametrize("operation", [PUT, "PUT /airports/FRA"], ids=["pattern", "path"])
def test_it_prints_the_plan_of_a_route(operation: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = explained(capsys, operation, "--json")
    assert told == described(route_of(app, PUT))
    Draft202012Validator(SCHEMA).validate(told)


def test_without_an_operation_it_prints_all_plans_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    told = explained(capsys, "--json")
    assert told == [described(route) for route in app.routes if hasattr(route, "plan")]
    Draft202012Validator({"type": "array", "minItems": 2, "items": SCHEMA}).validate(told)


def test_an_operation_that_is_not_there_is_reported_on_stderr_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "examples.airports:app", "GET /airport", "--json"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "no typed route matches `GET /airport`" in told.err


def test_json_has_no_place_for_the_binders_text(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["explain", "examples.airports:app", PUT, "--json", "--source"])
    assert ended.value.code == 2
    assert "not allowed with argument" in capsys.readouterr().err

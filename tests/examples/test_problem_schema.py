"""`schemas/problem.schema.json` says of problem bodies what the OpenAPI documents say."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator, ValidationError

from examples.airports import problems
from signette import Problem
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.problems.schema import PROBLEM_SCHEMA, VALIDATION_SCHEMA, problem_schema

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "problem.schema.json").read_text("utf-8"))
TYPED = [
    problems.AirportNotFound(code="XXX"),
    problems.ReviewNotFound(id=UUID(int=1)),
    problems.DuplicateCode(code="FRA", holder="EDDF"),
    problems.CodeMismatch(in_path="EDDF", in_body="EDDM"),
    problems.KeyNotKnown(),
    problems.UnreadableFile(reason="it is empty"),
]
PLAIN = {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": "Bad Request"}
ENTRY = {"in": "query", "name": "page", "code": "int_parsing", "message": "Input should be a valid integer"}


def test_the_file_is_a_schema_and_agrees_with_the_documents() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"] == PROBLEM_SCHEMA["properties"] | {"errors": VALIDATION_SCHEMA["properties"]["errors"]}
    assert SCHEMA["required"] == PROBLEM_SCHEMA["required"]


@pytest.mark.parametrize("problem", TYPED, ids=lambda problem: type(problem).__name__)
def test_a_typed_problem_is_valid_by_the_file_and_by_its_own_schema(problem: Problem) -> None:
    body = json.loads(bytes(ProblemFormat().respond(problem).body))
    Draft202012Validator(SCHEMA).validate(body)
    Draft202012Validator(problem_schema(type(problem))).validate(body)


@pytest.mark.parametrize(
    "body",
    [
        PLAIN | {"status": 200},
        PLAIN | {"status": "400"},
        {name: value for name, value in PLAIN.items() if name != "title"},
        PLAIN | {"errors": []},
        PLAIN | {"errors": [ENTRY | {"in": "nowhere"}]},
        PLAIN | {"errors": [{"in": "query", "name": "page", "message": "no code"}]},
        [],
    ],
)
def test_what_is_no_problem_is_rejected(body: object) -> None:
    Draft202012Validator(SCHEMA).validate(PLAIN | {"errors": [ENTRY]})
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate(body)

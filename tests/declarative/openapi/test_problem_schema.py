import json
from typing import Annotated

import pytest
from jsonschema import Draft202012Validator, ValidationError
from pydantic import BaseModel, Field

from signette.declarative.problems.format import ProblemFormat
from signette.declarative.problems.schema import PROBLEM_SCHEMA, VALIDATION_SCHEMA, problem_schema
from signette.exceptions import HTTPException, RequestValidationError
from signette.problems import Problem


class Part(BaseModel):
    name: str
    parts: "list[Part]" = []


class Broken(Problem, status=409):
    """A part is broken.

    Fix it.
    """

    part: Part
    left: Annotated[int, Field(ge=0)]
    note: str | None = None


class Dull(Problem, status=418):
    pass


PART = Part(name="lid", parts=[Part(name="knob")])


def sent(exc: Exception) -> object:
    return json.loads(ProblemFormat().respond(exc).body)


@pytest.mark.parametrize("problem", [Broken(part=PART, left=2), Broken(part=PART, left=0, note="x"), Dull()])
def test_a_sent_problem_matches_its_schema(problem):
    Draft202012Validator(problem_schema(type(problem))).validate(sent(problem))


def test_a_schema_is_self_contained_with_the_models_of_its_members():
    schema = problem_schema(Broken)
    assert schema["properties"]["part"] == {"$ref": "#/$defs/Part"}
    assert schema["$defs"]["Part"]["properties"]["parts"]["items"] == {"$ref": "#/$defs/Part"}
    assert schema["properties"]["left"] == {"type": "integer", "minimum": 0}
    assert schema["required"] == ["type", "title", "status", "detail", "part", "left", "note"]


def test_a_schema_takes_its_words_from_the_class():
    assert problem_schema(Broken)["description"] == "A part is broken.\n\nFix it."
    assert "description" not in problem_schema(Dull)
    assert "$defs" not in problem_schema(Dull)


def test_a_schema_distinguishes_one_problem_from_another():
    with pytest.raises(ValidationError):
        Draft202012Validator(problem_schema(Dull)).validate(sent(Broken(part=PART, left=1)))


@pytest.mark.parametrize("exc", [HTTPException(404), HTTPException(400, "no"), Dull(), ValueError("inside")])
def test_every_error_fits_the_schema_of_problems(exc):
    Draft202012Validator(dict(PROBLEM_SCHEMA)).validate(sent(exc))


def test_a_validation_problem_fits_its_schema():
    rejected = RequestValidationError([{"in": "query", "name": "n", "code": "missing", "message": "Field required"}])
    Draft202012Validator(dict(VALIDATION_SCHEMA)).validate(sent(rejected))
    with pytest.raises(ValidationError):
        Draft202012Validator(dict(VALIDATION_SCHEMA)).validate(sent(HTTPException(400)))

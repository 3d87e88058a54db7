"""Problems as JSON Schema (RFC 9457 §3.1)."""

import inspect
from collections.abc import Mapping
from typing import Any

from signette.declarative.adapters.json_schema import schemas_of
from signette.problems import Problem, member_types

_MEMBERS: Mapping[str, Any] = {
    "type": {"type": "string", "format": "uri-reference", "description": "Which kind of problem it is."},
    "title": {"type": "string", "description": "The kind of problem in words."},
    "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The HTTP status."},
    "detail": {"type": "string", "description": "What happened this time, for a person."},
}
_REQUIRED = ["type", "title", "status", "detail"]

PROBLEM_SCHEMA: Mapping[str, Any] = {
    "title": "Problem",
    "description": "An error, told as RFC 9457 has it.",
    "type": "object",
    "properties": _MEMBERS,
    "required": _REQUIRED,
}

VALIDATION_SCHEMA: Mapping[str, Any] = {
    "title": "ValidationProblem",
    "description": "Values of the request do not fit; all of them are told at once.",
    "type": "object",
    "properties": {
        **_MEMBERS,
        "status": {"const": 422, "type": "integer"},
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "in": {
                        "type": "string",
                        "enum": ["path", "query", "header", "cookie", "body", "form"],
                        "description": "Where the value came from.",
                    },
                    "name": {"type": "string", "description": "The value's name on the wire."},
                    "pointer": {
                        "type": "string",
                        "format": "json-pointer",
                        "description": "Where in the value, as RFC 6901 has it.",
                    },
                    "code": {"type": "string", "description": "What is wrong, for a program."},
                    "message": {"type": "string", "description": "What is wrong, for a person."},
                },
                "required": ["in", "code", "message"],
            },
        },
    },
    "required": [*_REQUIRED, "errors"],
}


def problem_schema(problem: type[Problem]) -> dict[str, Any]:
    """The schema of a typed problem: RFC 9457's members with its own values, and its typed members behind them.

    It stands for itself: models in its members are in its `$defs`.
    """
    members, definitions = schemas_of(member_types(problem))
    schema: dict[str, Any] = {
        "title": problem.__name__,
        "type": "object",
        "properties": {
            **_MEMBERS,
            "type": {"type": "string", "const": problem.type},
            "title": {"type": "string", "const": problem.title},
            "status": {"type": "integer", "const": problem.status},
            **members,
        },
        "required": [*_REQUIRED, *members],
    }
    if problem.__doc__:
        schema["description"] = inspect.cleandoc(problem.__doc__)
    if definitions:
        schema["$defs"] = definitions
    return schema

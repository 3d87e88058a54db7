"""Problems as JSON Schema (RFC 9457 §3.1)."""

import inspect
from collections.abc import Mapping
from typing import Any

from signette.declarative.adapters.json_schema import schemas_of
from signette.problems import Problem, member_types

_MEMBERS: Mapping[str, Any] = {
    "type": {"type": "string", "format": "uri-reference", "description": "The problem type."},
    "title": {"type": "string", "description": "A short summary of the problem type."},
    "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The HTTP status code."},
    "detail": {"type": "string", "description": "An explanation of this occurrence, for people."},
}
_REQUIRED = ["type", "title", "status", "detail"]

PROBLEM_SCHEMA: Mapping[str, Any] = {
    "title": "Problem",
    "description": "An error response (RFC 9457).",
    "type": "object",
    "properties": _MEMBERS,
    "required": _REQUIRED,
}

VALIDATION_SCHEMA: Mapping[str, Any] = {
    "title": "ValidationProblem",
    "description": "The request is invalid. All validation errors are listed.",
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
                        "description": "The part of the request with the value.",
                    },
                    "name": {"type": "string", "description": "The name of the value in the request."},
                    "pointer": {
                        "type": "string",
                        "format": "json-pointer",
                        "description": "A JSON Pointer (RFC 6901) to the location in the value.",
                    },
                    "code": {"type": "string", "description": "The kind of error, for programs."},
                    "message": {"type": "string", "description": "A description of the error, for people."},
                },
                "required": ["in", "code", "message"],
            },
        },
    },
    "required": [*_REQUIRED, "errors"],
}


def problem_schema(problem: type[Problem]) -> dict[str, Any]:
    """The schema of a typed problem: the members of RFC 9457 with its values, then its typed members.

    The schema is self-contained: models of its members are in its `$defs`.
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

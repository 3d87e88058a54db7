"""A plan and what was said beside it -> an OpenAPI operation."""

from collections.abc import Mapping
from typing import Any

from signette.declarative.adapters.dump import to_jsonable
from signette.declarative.ir import Plan
from signette.declarative.openapi.answers import Answers
from signette.declarative.openapi.body import request_body
from signette.declarative.openapi.merging import laid_over
from signette.declarative.openapi.names import in_words
from signette.declarative.openapi.parameters import parameters
from signette.declarative.openapi.schemas import Schema
from signette.declarative.openapi.security import SchemeNames, requirements


def operation_of(
    plan: Plan,
    options: Mapping[str, Any],
    name: str,
    operation_id: str,
    answers: Answers,
    schemes: SchemeNames,
    renamed: Mapping[str, str],
) -> Schema:
    """The operation object of a plan. `renamed` says how the document calls the pieces of its path."""
    operation: Schema = {}
    if options.get("tags"):
        operation["tags"] = [tag_of(tag) for tag in options["tags"]]
    operation["summary"] = options.get("summary") or in_words(name)
    # A form feed ends what is for the document; behind it a docstring speaks to whoever reads the code.
    description = options.get("description") or plan.docstring.partition("\f")[0].strip()
    if description:
        operation["description"] = description
    operation["operationId"] = operation_id
    if options.get("deprecated"):
        operation["deprecated"] = True
    found = parameters(plan, answers.schemas, renamed)
    if found:
        operation["parameters"] = found
    body = request_body(plan, answers.schemas)
    if body is not None:
        operation["requestBody"] = body
    operation["responses"] = answers.responses(plan, options)
    extra = options.get("openapi_extra") or {}
    # A list of choices: one more would make each weaker, so the user's own stand alone.
    if plan.security and "security" not in extra:
        operation["security"] = requirements(plan.security, schemes)
    if extra:
        operation = laid_over(operation, to_jsonable(extra))
    return operation


def tag_of(tag: Any) -> str:
    """A tag's text, also where it is a member of an enum."""
    return str(getattr(tag, "value", tag))
